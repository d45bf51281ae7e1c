#include "input/intake.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/allocations.hpp"

namespace ship {
namespace {

constexpr WallNanos kArrival = 1795338549'000'000'000;

class FixedClock final : public Clock {
 public:
  SteadyTime steady() const override { return {}; }
  WallNanos wall() const override { return kArrival; }
  void wait_until(std::condition_variable&, std::unique_lock<std::mutex>&, SteadyTime) override {}
};

struct Taken {
  std::string line;
  std::string level;
  int severity;
  WallNanos time;
  RecordId id;
};

// An intake with everything that it gave out.
struct Run {
  explicit Run(const Intake::Options& options)
      : intake(
            options,
            [this](std::span<const Record> records) {
              largest = std::max(largest, records.size());
              for (const Record& record : records) {
                taken.push_back({std::string(record.line), std::string(record.level_name()),
                                 record.level.severity, record.time, record.id});
              }
            },
            [this](std::string_view line, std::string_view reason, const RecordId& id) {
              invalid.emplace_back(line, reason);
              invalid_ids.push_back(id);
            },
            clock) {}

  void feed(std::string_view bytes, std::size_t piece = SIZE_MAX) { intake.feed(bytes, piece); }
  void all(std::string_view bytes) {
    feed(bytes);
    intake.end_input();
    REQUIRE(intake.counts().balanced());
    REQUIRE(intake.counts().submitted == taken.size());
  }

  FixedClock clock;
  std::vector<Taken> taken;
  std::vector<std::pair<std::string, std::string>> invalid;
  std::vector<RecordId> invalid_ids;
  std::size_t largest = 0;
  Intake intake;
};

// The message of a wrapped line, still escaped; empty where the line is not wrapped.
std::string message_of(const std::string& line) {
  const std::string before = R"("logger":"fapilog-ship","message":")";
  const std::size_t start = line.find(before);
  if (start == std::string::npos) return "";
  const std::size_t end = line.find(R"(","timestamp":")", start);
  return line.substr(start + before.size(), end - start - before.size());
}

TEST_CASE("intake: objects pass byte for byte", "[intake]") {
  Run run({});
  run.all("{\"a\":1}\n{\"b\" : 2} \r\n\n \t\r\n{}");
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].line == "{\"a\":1}");
  CHECK(run.taken[1].line == "{\"b\" : 2} ");
  CHECK(run.taken[2].line == "{}");
  const InputCounts counts = run.intake.counts();
  CHECK(counts.lines == 3);
  CHECK(counts.blank == 2);
  CHECK(counts.bytes == 27);
  CHECK(counts.invalid == 0);
}

TEST_CASE("intake: a record has the event's time, or else that of its arrival", "[intake]") {
  Run run({});
  run.all("{\"time\":1700000000}\n{\"time\":\"soon\"}\n{}\ntext\n");
  CHECK(run.taken[0].time == 1'700'000'000'000'000'000);
  // No two of them the same, for some servers take what is equal in time and text for one.
  for (const int i : {1, 2, 3})
    CHECK(run.taken[static_cast<std::size_t>(i)].time == kArrival + i - 1);
  run.all("{}\n");
  CHECK(run.taken[4].time == kArrival + 3);
}

TEST_CASE("intake: level and time stand where the user says, before the known places", "[intake]") {
  Intake::Options options;
  options.input.level_fields = {"none", "meta.how.bad"};
  options.input.time_fields = {"meta.at"};
  Run run(options);
  run.all(R"({"level":"info","time":1700000000,"meta":{"how":{"bad":"error"},"at":1600000000}})"
          "\n"
          R"({"level":"debug","time":1700000000})"
          "\n");
  CHECK(run.taken[0].level == "error");
  CHECK(run.taken[0].severity == 40);
  CHECK(run.taken[0].time == 1'600'000'000'000'000'000);
  CHECK(run.taken[1].severity == 10);
  CHECK(run.taken[1].time == 1'700'000'000'000'000'000);
}

TEST_CASE("intake: level_from_text off takes text for INFO and now", "[intake]") {
  Intake::Options options;
  options.input.level_from_text = false;
  Run run(options);
  run.all("2026-01-02 03:04:05 ERROR no\n{\"log\":\"ERROR: no\\n\",\"stream\":\"stdout\"}\n");
  for (const Taken& record : run.taken) CHECK(record.severity == 20);
  CHECK(run.taken[0].time == kArrival);
}

TEST_CASE("intake: a time without a zone is one of time_zone, in objects and in text", "[intake]") {
  Intake::Options options;
  options.input.time_zone = "+02:00";
  Run run(options);
  run.all("{\"time\":\"2026-01-02 03:04:05\"}\n2026-01-02 03:04:05 ERROR no\n");
  for (const Taken& record : run.taken) CHECK(record.time == 1'767'315'845'000'000'000);
}

TEST_CASE("intake: CRI's head is taken off, its parts are joined for each stream", "[intake]") {
  Run run({});
  run.all(
      "2026-01-02T03:04:05.678901234Z stdout P {\"level\":\n"
      "2026-01-02T03:04:06.1Z stderr F ERROR no\n"
      "2026-01-02T03:04:06.2Z stderr F   at a\n"
      "2026-01-02T03:04:06.3Z stdout F \"warn\"}\n"
      "2026-01-02T03:04:07Z stdout F text\n"
      "2026-01-02T03:04:08Z stdout P cut\n");
  REQUIRE(run.taken.size() == 4);
  CHECK(message_of(run.taken[0].line) == "ERROR no\\n  at a");
  CHECK(run.taken[0].line.find(R"("stream":"stderr")") != std::string::npos);
  CHECK(run.taken[0].severity == 40);
  CHECK(run.taken[1].line == R"({"level":"warn"})");
  CHECK(run.taken[1].time == 1'767'323'045'678'901'234);
  CHECK(message_of(run.taken[2].line) == "text");
  CHECK(run.taken[2].time == 1'767'323'047'000'000'000);
  CHECK(message_of(run.taken[3].line) == "cut");
}

TEST_CASE("intake: what is no object is wrapped, and its neighbours are not touched", "[intake]") {
  using std::string_literals::operator""s;
  const auto [line, message] = GENERATE(table<std::string, std::string>({
      {"plain text", "plain text"},
      {"[1,2]", "[1,2]"},
      {"\"x\"", R"(\"x\")"},
      {"{\"a\":1} tail", R"({\"a\":1} tail)"},
      {"{}{}", "{}{}"},
      {"{\"a\":NaN}", R"({\"a\":NaN})"},
      {"{\"a\":\"unclosed}", R"({\"a\":\"unclosed})"},
      {"{\"a\":\"\0\"}"s, R"({\"a\":\"\u0000\"})"},
      {"nul\0byte"s, R"(nul\u0000byte)"},
      {"bad \xFF utf", "bad \xEF\xBF\xBD utf"},
      {"\x1b[32mINFO\x1b[0m ok", "INFO ok"},
      {"{\"a\":\"\\", R"({\"a\":\"\\)"},
      {std::string(2000, '['), std::string(2000, '[')},
  }));
  CAPTURE(line);
  const std::string good = R"({"level":"error","x":"\\"})";
  Run run({});
  run.all(good + "\n" + line + "\n" + good + "\n" + line + "\r\n" + good + "\n" + line);
  REQUIRE(run.taken.size() == 6);
  for (const std::size_t i : {0, 2, 4}) {
    CHECK(run.taken[i].line == good);
    CHECK(run.taken[i].severity == 40);
    CHECK(message_of(run.taken[i + 1].line) == message);
    CHECK(run.taken[i + 1].level == "INFO");
  }
  CHECK(run.intake.counts().invalid == 3);
  CHECK(run.intake.counts().submitted == 6);
}

TEST_CASE("intake: on_invalid drop takes the line out and counts it", "[intake]") {
  Intake::Options options;
  options.input.on_invalid = OnInvalid::drop;
  Run run(options);
  run.all("{}\nx\n\n{\"a\"}\n{}\n");
  CHECK(run.taken.size() == 2);
  CHECK(run.invalid.empty());
  CHECK(run.intake.counts().invalid == 2);
  CHECK(run.intake.counts().discarded == 2);
  CHECK(run.intake.counts().lines == 4);
}

TEST_CASE("intake: on_invalid dead_letter hands the line over as it came, and says why",
          "[intake]") {
  Intake::Options options;
  options.input.on_invalid = OnInvalid::dead_letter;
  Run run(options);
  run.all("{}\nx\xFF\r\n{\"a\":\"\xFF\"}\n");
  REQUIRE(run.invalid.size() == 2);
  CHECK(run.invalid[0] == std::pair<std::string, std::string>("x\xFF", "is not valid UTF-8"));
  CHECK(run.invalid[1].first == "{\"a\":\"\xFF\"}");
  CHECK(run.intake.counts().discarded == 2);
  CHECK(run.taken.size() == 1);

  Intake without(options, [](std::span<const Record>) {}, {});
  const auto room = without.room();
  std::memcpy(room.data(), "x\n", 2);
  without.take(2);
  without.end_input();
  CHECK(without.counts().discarded == 1);
}

TEST_CASE("intake: format text wraps every line and calls none invalid", "[intake]") {
  Intake::Options options;
  options.input.format = InputFormat::text;
  options.input.on_invalid = OnInvalid::drop;
  Run run(options);
  run.all("{\"level\":\"error\"}\n\nx\n");
  REQUIRE(run.taken.size() == 2);
  CHECK(message_of(run.taken[0].line) == R"({\"level\":\"error\"})");
  CHECK(run.taken[0].level == "INFO");
  CHECK(run.intake.counts().invalid == 0);
}

namespace {

/// Leaves out what is below WARNING.
class LeastLevel : public RecordFilter {
 public:
  std::uint64_t filter(std::vector<Record>& batch, bool) override {
    return std::erase_if(batch, [](const Record& record) { return record.level.severity < 30; });
  }
  std::optional<SteadyTime> wake_at() const override { return std::nullopt; }
};

/// Holds every record back, up to the end.
class HoldBack : public RecordFilter {
 public:
  std::uint64_t filter(std::vector<Record>& batch, bool end) override {
    for (const Record& record : batch) lines_.emplace_back(record.line);
    batch.clear();
    for (const std::string& line : lines_) {
      if (!end) break;
      Record record;
      record.line = line;
      batch.push_back(record);
    }
    return 0;
  }
  std::optional<SteadyTime> wake_at() const override { return std::nullopt; }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("intake: what a filter holds back is a line once it goes on", "[intake]") {
  Intake::Options options;
  HoldBack filter;
  options.filter = &filter;
  Run run(options);
  run.all("{\"a\":1}\n{\"a\":2}\n");
  CHECK(run.taken.empty());
  CHECK(run.intake.counts().lines == 0);
  run.intake.finish();
  CHECK(run.taken.size() == 2);
  CHECK(run.intake.counts().lines == 2);
  CHECK(run.intake.counts().balanced());
}

TEST_CASE("intake: standard error alone makes nothing an ERROR", "[intake]") {
  Intake::Options options;
  options.stream = Stream::standard_error;
  LeastLevel filter;
  options.filter = &filter;
  Run run(options);
  run.all("x\nINFO:     Started server process [1]\nERROR:    failed\n{}\n");
  REQUIRE(run.taken.size() == 1);
  CHECK(run.taken[0].level == "ERROR");
  CHECK(run.intake.counts().filtered == 3);
}

TEST_CASE("intake: an object over many lines is one record on one line", "[intake]") {
  Run run({});
  run.all("{\n  \"level\": \"error\",\n  \"a\": [\n    1\n  ]\n}\n{\n  \"b\": 2\n}\n{\n  x\n}\n");
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].line == "{   \"level\": \"error\",   \"a\": [     1   ] }");
  CHECK(run.taken[0].level == "error");
  CHECK(run.taken[1].line == "{   \"b\": 2 }");
  CHECK(message_of(run.taken[2].line) == "{\\n  x\\n}");
  CHECK(run.intake.counts().invalid == 1);
  CHECK(run.intake.counts().balanced());
}

TEST_CASE("intake: the filter leaves out what is below its level", "[intake]") {
  Intake::Options options;
  LeastLevel filter;
  options.filter = &filter;
  Run run(options);
  run.all(R"({"level":"info"}
{"level":"warn"}
{"level":10}
{"level":"AUDIT"}
{"level":"unknown"}
text
{"log":{"level":"WARNING"}}
)");
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].level == "warn");
  CHECK(run.taken[1].level == "AUDIT");
  CHECK(run.intake.counts().filtered == 4);
}

TEST_CASE("intake: an over-long line is cut, marked and counted, whatever on_invalid says",
          "[intake]") {
  Intake::Options options;
  options.input.max_line_bytes = 64;
  options.input.on_invalid = GENERATE(OnInvalid::wrap, OnInvalid::drop, OnInvalid::dead_letter);
  Run run(options);
  const std::string good = "{\"a\":1}";
  const std::string longer = "{\"a\":\"" + std::string(10'000'000, 'x') + "\"}";
  const std::string little = "{\"a\":\"" + std::string(100, 'y') + "\"}";
  run.all(good + "\n" + longer + "\n" + good + "\n" + little + "\n" + good + "\n" + longer);
  REQUIRE(run.taken.size() == 6);
  for (const std::size_t i : {0, 2, 4}) CHECK(run.taken[i].line == good);
  CHECK(run.taken[1].line.starts_with(R"({"_original_size":10000008,"_truncated":true,"log":{)"));
  CHECK(message_of(run.taken[1].line) == R"({\"a\":\")" + std::string(55, 'x'));
  CHECK(run.taken[3].line.starts_with(R"({"_original_size":108,"_truncated":true,)"));
  CHECK(run.taken[5].line.starts_with(R"({"_original_size":10000008,)"));
  CHECK(run.intake.counts().truncated == 3);
  CHECK(run.intake.counts().invalid == 0);
  CHECK(run.intake.counts().discarded == 0);
}

TEST_CASE("intake: a cut line keeps the level and the time that its beginning tells", "[intake]") {
  Intake::Options options;
  options.input.max_line_bytes = 64;
  LeastLevel filter;
  options.filter = &filter;
  Run run(options);
  const std::string rest = std::string(100, 'x') + "\"}\n";
  run.all("{\"level\":\"fatal\",\"time\":1700000000,\"msg\":\"" + rest + "{\"level\":\"warn\"}\n" +
          "{\"level\":\"debug\",\"msg\":\"" + rest + "{\"msg\":\"" + rest +
          "{\"level\":\"error\"}\n");
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].level == "FATAL");
  CHECK(run.taken[0].severity == 50);
  CHECK(run.taken[0].time == 1'700'000'000'000'000'000);
  CHECK(run.taken[0].line.find("\"timestamp\":\"2023-11-14T22:13:20.000Z\"") != std::string::npos);
  CHECK(run.taken[1].level == "warn");
  CHECK(run.taken[2].level == "error");
  CHECK(run.intake.counts().filtered == 2);
}

TEST_CASE("intake: hand-overs are bounded, and keep order and bytes", "[intake]") {
  Run run({});
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) {
    bytes += i % 3 == 0 ? std::to_string(i) : "{\"n\":" + std::to_string(i) + "}";
    bytes += '\n';
  }
  run.all(bytes);
  REQUIRE(run.taken.size() == 50'000);
  CHECK(run.largest <= Intake::kBatchRecords);
  for (std::size_t i = 0; i < run.taken.size(); ++i) {
    const std::string n = std::to_string(i);
    if (i % 3 == 0) {
      REQUIRE(message_of(run.taken[i].line) == n);
    } else {
      REQUIRE(run.taken[i].line == "{\"n\":" + n + "}");
    }
  }
}

TEST_CASE("intake: no text grows past max_line_bytes by its escapes", "[intake]") {
  Run run({});
  run.all("a\n" + std::string(900'000, '\x01') + "\nb\n" + std::string(150'000, '\x02') + "\n");
  REQUIRE(run.taken.size() == 4);
  CHECK(message_of(run.taken[0].line) == "a");
  CHECK(run.taken[1].line.starts_with(R"({"_original_size":900000,"_truncated":true,)"));
  CHECK(message_of(run.taken[1].line).size() == (1u << 20) / 6 * 6);
  CHECK(message_of(run.taken[2].line) == "b");
  CHECK(message_of(run.taken[3].line).size() == 150'000 * 6);
  CHECK(run.intake.counts().truncated == 1);
}

TEST_CASE("intake: NULs and byte order marks before a line are framing, counted, and no record",
          "[intake]") {
  Run run({});
  const std::string hole(3 << 20, '\0');
  const std::string mark = "\xEF\xBB\xBF";
  const std::string error = R"({"level":"ERROR","message":"x"})";
  run.all(hole + error + "\n" + mark + error + "\n" + hole + "\n" + mark + "text\n" + hole);
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].line == error);
  CHECK(run.taken[0].level == "ERROR");
  CHECK(run.taken[1].line == error);
  CHECK(run.taken[1].level == "ERROR");
  CHECK(message_of(run.taken[2].line) == "text");
  CHECK(run.intake.counts().skipped_bytes == 3 * hole.size() + 2 * mark.size());
  CHECK(run.intake.counts().blank == 1);
  CHECK(run.intake.counts().invalid == 1);
  CHECK(run.intake.counts().truncated == 0);
}

TEST_CASE("intake: records do not depend on the pieces in which bytes come", "[intake][property]") {
  std::mt19937 random(5);
  const std::vector<std::string> kLines = {
      "{}", R"({"level":"error"})", "text", "", "{\"a\":\"\\u00e9\"}", "\"", "{\"a\":", "\xFF", "}",
      "\\"};
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (std::size_t n = random() % 40; n-- > 0;) bytes += kLines[random() % kLines.size()] + "\n";
    Run whole({});
    Run pieces({});
    whole.all(bytes);
    pieces.feed(bytes, 1 + random() % 50);
    pieces.intake.end_input();
    REQUIRE(whole.intake.counts() == pieces.intake.counts());
    REQUIRE(whole.taken.size() == pieces.taken.size());
    for (std::size_t i = 0; i < whole.taken.size(); ++i) {
      REQUIRE(message_of(whole.taken[i].line) == message_of(pieces.taken[i].line));
      REQUIRE(whole.taken[i].severity == pieces.taken[i].severity);
    }
  }
}

TEST_CASE("intake: counts balance in every snapshot, also inside a hand-over", "[intake]") {
  std::atomic<bool> done{false};
  Intake* self = nullptr;
  Intake intake({}, [&self](std::span<const Record>) { REQUIRE(self->counts().balanced()); }, {});
  self = &intake;
  std::thread watcher([&] {
    std::uint64_t before = 0;
    while (!done) {
      const InputCounts counts = intake.counts();
      if (!counts.balanced() || counts.lines < before) std::abort();
      before = counts.lines;
    }
  });
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += "{}\ntext\n\n";
  for (int i = 0; i < 200; ++i) {
    const auto room = intake.room();
    std::memcpy(room.data(), bytes.data(), bytes.size());
    intake.take(bytes.size());
  }
  intake.end_input();
  done = true;
  watcher.join();
  CHECK(intake.counts().lines == 200'000);
}

TEST_CASE("intake: allocates nothing for lines, valid, wrapped or cut", "[intake]") {
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  bytes += "plain text\n{\"a\":\"\xFF\"}\n{\"time\":1.5e9,\"level\":\"50\"}\n" +
           std::string(3000, 'x') + "\n\r\n";
  Intake::Options options;
  options.input.max_line_bytes = 2000;
  std::uint64_t records = 0;
  Intake intake(options, [&records](std::span<const Record> batch) { records += batch.size(); },
                {});
  intake.feed(bytes);
  const std::uint64_t before = allocations_of_this_thread();
  for (int i = 0; i < 5; ++i) intake.feed(bytes);
  CHECK(allocations_of_this_thread() == before);
  CHECK(records == 6 * 4004);
}

TEST_CASE("intake: where a person answers, what is asked without a newline is a line in time",
          "[intake]") {
  Intake::Options options;
  options.prompts = true;
  Run run(options);
  run.feed("before\nname? ");
  REQUIRE(run.intake.deadline().has_value());
  run.intake.flush();
  REQUIRE(run.taken.size() == 2);
  CHECK(message_of(run.taken[1].line) == "name? ");
  CHECK_FALSE(run.intake.deadline().has_value());
  run.all("hello\n");
  CHECK(message_of(run.taken[2].line) == "hello");
}

TEST_CASE("intake: the beginning of an object is never torn off, nor of any line elsewhere",
          "[intake]") {
  Intake::Options options;
  options.prompts = GENERATE(false, true);
  Run run(options);
  const std::string begun = options.prompts ? " {\"message\":\"a" : "name? ";
  run.feed(begun);
  CHECK_FALSE(run.intake.deadline().has_value());
  run.intake.flush();
  CHECK(run.taken.empty());
  run.all("b\"}\n");
  CHECK(run.taken.size() == 1);
}

TEST_CASE("intake: every record has a number that no record of another input of the run has",
          "[intake]") {
  RecordNumbers numbers(RunId{1, 2});
  Intake::Options options;
  options.numbers = &numbers;
  Run first(options);
  Run second(options);
  std::set<std::uint64_t> given;
  for (int round = 0; round < 3; ++round) {
    first.feed("{\"a\":1}\ntext\n{\"a\":1}\n");
    second.feed("{\"a\":1}\n");
  }
  first.all("");
  second.all("");
  for (const Run* run : {&first, &second}) {
    std::uint64_t last = 0;
    for (const Taken& taken : run->taken) {
      CHECK(taken.id.run == RunId{1, 2});
      CHECK(taken.id.sequence > last);
      last = taken.id.sequence;
      given.insert(last);
    }
  }
  CHECK(given.size() == 12);
}

TEST_CASE("intake: records of a file are known by where their lines begin, in whatever pieces",
          "[intake]") {
  Intake::Options options;
  options.input.max_line_bytes = 20;
  options.input.on_invalid = GENERATE(OnInvalid::wrap, OnInvalid::dead_letter);
  const std::string bytes = "\xEF\xBB\xBF{\"a\":1}\r\n\nTraceback:\n  in x\n" +
                            std::string(70000, 'x') + "\n{\"a\":2}\n{\"a\":2}";
  const std::size_t piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1} << 20);
  Run run(options);
  run.intake.begin_file({3, 4});
  run.feed(bytes, piece);
  run.intake.end_input();
  run.intake.begin_file({5, 6});
  run.all("{\"b\":1}\n");
  const std::uint64_t cut = bytes.find("xxx");
  std::vector<RecordId> expected = {
      {{3, 4}, 3},           {{3, 4}, bytes.find("Trace")},          {{3, 4}, cut},
      {{3, 4}, cut + 70001}, {{3, 4}, kUnendedLine | (cut + 70009)}, {{5, 6}, 0}};
  if (options.input.on_invalid == OnInvalid::dead_letter) {
    CHECK(run.invalid_ids == std::vector<RecordId>{expected[1]});
    expected.erase(expected.begin() + 1);
  }
  std::vector<RecordId> ids;
  for (const Taken& taken : run.taken) ids.push_back(taken.id);
  CHECK(ids == expected);
}

TEST_CASE("intake: a record that had an identity keeps it, and no other gets it", "[intake]") {
  RecordNumbers numbers(RunId{1, 2});
  Intake::Options options;
  options.numbers = &numbers;
  Run run(options);
  const RecordId known{{7, 8}, 9};
  run.intake.identify_next(known);
  run.all("{\"a\":1}\n{\"a\":2}\n");
  run.intake.identify_next(known);
  run.intake.end_input();
  run.all("{\"a\":3}\n");
  REQUIRE(run.taken.size() == 3);
  CHECK(run.taken[0].id == known);
  CHECK(run.taken[1].id.run == RunId{1, 2});
  CHECK(run.taken[2].id.run == RunId{1, 2});
}

}  // namespace
}  // namespace ship
