#include <deque>
#include <map>
#include <random>
#include <string>

#include "base/hash.hpp"
#include "record/probe.hpp"
#include "stage/choose/dedup_filter.hpp"
#include "stage/choose/replaceable_filter_chain.hpp"
#include "stage/choose/trace_position.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A filter_chain that is fed lines and keeps what went on.
class Fed {
 public:
  explicit Fed(const FilterSettings& settings, std::uint64_t seed = 42) {
    auto made = FilterChain::make(settings, clock, seed);
    if (!made) FAIL(made.error().message);
    filter_chain = std::move(made).value();
  }

  void feed(const std::string& line) { pending_.push_back(line); }
  /// What goes on of the lines that were fed since the last time.
  std::vector<std::string> take(bool end = false) {
    std::vector<Record> batch;
    for (const std::string& line : pending_) {
      const Finding found = probe_.probe(line);
      batch.push_back({line, found.time, found.level, found.level_size, false, found.level_at});
    }
    fed += batch.size();
    left_out += filter_chain->filter(batch, end);
    std::vector<std::string> lines;
    for (const Record& record : batch) {
      lines.emplace_back(record.line);
      CHECK(probe_.probe(record.line).fault == Fault::none);
    }
    passed += lines.size();
    pending_.clear();
    return lines;
  }
  std::vector<std::string> take_one(const std::string& line) {
    feed(line);
    return take();
  }
  StageCounts stage(const std::string& name) const {
    for (const StageCounts& counts : filter_chain->counts()) {
      if (counts.name == name) return counts;
    }
    FAIL("no stage " << name);
    return {};
  }

  ManualClock clock;
  std::unique_ptr<FilterChain> filter_chain;
  std::uint64_t fed = 0;
  std::uint64_t passed = 0;
  std::uint64_t left_out = 0;

 private:
  Probe probe_;
  std::deque<std::string> pending_;
};

std::string line(const std::string& level, const std::string& message) {
  return R"({"level":")" + level + R"(","message":")" + message + "\"}";
}

FilterSettings dedup(milliseconds window) {
  FilterSettings settings;
  settings.dedup.window = window;
  return settings;
}

}  // namespace

TEST_CASE("filter_chain: nothing set leaves everything", "[choose]") {
  Fed fed{FilterSettings{}};
  CHECK(fed.filter_chain->empty());
  CHECK(fed.take_one(line("DEBUG", "x")).size() == 1);
}

TEST_CASE("filter_chain: each stage tells what came in and what went on", "[choose]") {
  FilterSettings settings;
  settings.min_level = 20;
  settings.where = "message contains 'a'";
  Fed fed(settings);
  fed.feed(line("DEBUG", "a"));
  fed.feed(line("INFO", "a"));
  fed.feed(line("INFO", "b"));
  fed.feed(line("ERROR", "ab"));
  CHECK(fed.take() == std::vector<std::string>{line("INFO", "a"), line("ERROR", "ab")});
  CHECK(fed.left_out == 2);
  CHECK(fed.stage("min_level").in == 4);
  CHECK(fed.stage("min_level").out == 3);
  CHECK(fed.stage("where").in == 3);
  CHECK(fed.stage("where").out == 2);
}

TEST_CASE("filter_chain: an expression that cannot be read is a config error with its key",
          "[choose]") {
  FilterSettings settings;
  settings.where = "level >";
  ManualClock clock;
  const auto made = FilterChain::make(settings, clock, 1);
  REQUIRE(!made);
  CHECK(made.error().kind == ErrorKind::config);
  CHECK(made.error().message.find("filter.where: column 8: ") == 0);
}

TEST_CASE("dedup: repeats within the window become one record that tells their number", "[dedup]") {
  Fed fed(dedup(seconds(10)));
  CHECK(fed.take_one(line("ERROR", "disk full")).size() == 1);
  for (int i = 0; i < 5; ++i) CHECK(fed.take_one(line("ERROR", "disk full")).empty());
  CHECK(fed.take_one(line("ERROR", "other")).size() == 1);
  CHECK(fed.passed + fed.left_out == fed.fed - 1);  // one is held back
  fed.clock.advance(seconds(10));
  const std::string told =
      R"_({"level":"ERROR","message":"disk full (repeated 5 times)","_repeated":5})_";
  CHECK(fed.take() == std::vector<std::string>{told});
  CHECK(fed.passed + fed.left_out == fed.fed);
  CHECK(fed.stage("dedup").in == 7);
  CHECK(fed.stage("dedup").out == 3);
  CHECK(fed.stage("dedup").changed == 1);
  CHECK(fed.take_one(line("ERROR", "disk full")).size() == 1);
}

TEST_CASE("dedup: a single repeat and an empty object are told right", "[dedup]") {
  Fed fed(dedup(seconds(1)));
  fed.feed(line("INFO", "x"));
  fed.feed(line("INFO", "x"));
  fed.feed("{}");
  fed.feed("{}");
  const std::string told = R"_({"level":"INFO","message":"x (repeated once)","_repeated":1})_";
  CHECK(fed.take(true) == std::vector<std::string>{line("INFO", "x"), "{}", "{}", told});
  CHECK(fed.left_out == 0);
}

TEST_CASE("dedup: it asks to be woken when a window with repeats ends, and only then", "[dedup]") {
  Fed fed(dedup(seconds(10)));
  CHECK(!fed.filter_chain->wake_at());
  fed.take_one(line("INFO", "x"));
  CHECK(!fed.filter_chain->wake_at());
  fed.clock.advance(seconds(3));
  fed.take_one(line("INFO", "x"));
  REQUIRE(fed.filter_chain->wake_at());
  CHECK(*fed.filter_chain->wake_at() == fed.clock.steady() + seconds(7));
}

TEST_CASE("dedup: audit and security records are never suppressed", "[dedup]") {
  Fed fed(dedup(seconds(10)));
  for (const std::string level : {"AUDIT", "SECURITY"}) {
    CHECK(fed.take_one(line(level, "login")).size() == 1);
    CHECK(fed.take_one(line(level, "login")).size() == 1);
  }
}

TEST_CASE("dedup: the level is still found in the record that tells the number", "[dedup]") {
  ManualClock clock;
  auto filter_chain = std::move(FilterChain::make(dedup(seconds(1)), clock, 1)).value();
  const std::string text = R"({"message":"m","level":"ERROR"})";
  Record record{text, 0, {LevelName::error, 40}, 5, false, 24};
  REQUIRE(record.level_name() == "ERROR");
  std::vector<Record> batch = {record, record, record};
  CHECK(filter_chain->filter(batch, true) == 1);
  REQUIRE(batch.size() == 2);
  CHECK(batch[0].line == text);
  CHECK(batch[1].line == R"_({"message":"m (repeated 2 times)","level":"ERROR","_repeated":2})_");
  CHECK(batch[1].level_name() == "ERROR");
}

TEST_CASE("dedup: too many keys end the oldest window early", "[dedup]") {
  FilterSettings settings = dedup(seconds(10));
  settings.dedup.max_keys = 2;
  Fed fed(settings);
  for (const std::string text : {"a", "a", "b", "b"}) fed.take_one(line("INFO", text));
  const auto lines = fed.take_one(line("INFO", "c"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == line("INFO", "c"));
  CHECK(lines[1].find("a (repeated once)") != std::string::npos);
}

TEST_CASE("dedup: what is held back has a ceiling in bytes", "[dedup]") {
  Fed fed(dedup(seconds(10)));
  const std::string long_text(60000, 'x');
  for (int i = 0; i < 200; ++i) {
    fed.take_one(line("INFO", std::to_string(i) + long_text));
    fed.take_one(line("INFO", std::to_string(i) + long_text));
  }
  CHECK((fed.fed - fed.passed - fed.left_out) * 60000 <= DedupFilter::kMaxHeld);
  fed.take(true);
  CHECK(fed.fed == fed.passed + fed.left_out);
  CHECK(fed.left_out == 0);
}

TEST_CASE("dedup: its ceiling is the same after ten times as much", "[dedup]") {
  Fed fed(dedup(seconds(10)));
  const std::string long_text(60000, 'x');
  std::size_t held_first = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 200; ++i) {
      fed.take_one(line("INFO", std::to_string(i) + long_text));
      fed.take_one(line("INFO", std::to_string(i) + long_text));
    }
    const std::size_t held = fed.fed - fed.passed - fed.left_out;
    if (round == 0) held_first = held;
    CHECK(held == held_first);
    CHECK(held * long_text.size() > DedupFilter::kMaxHeld / 2);
    fed.clock.advance(seconds(11));
    fed.take();
    CHECK(fed.fed == fed.passed + fed.left_out);
  }
}

TEST_CASE("filter_chain: every record is passed on, left out or held back, whatever comes",
          "[choose]") {
  std::mt19937 twister(5);
  const auto random = [&twister] { return static_cast<std::uint32_t>(twister()); };
  for (int round = 0; round < 30; ++round) {
    FilterSettings settings;
    if (random() % 2) settings.min_level = 20;
    if (random() % 2) settings.dedup.window = milliseconds(50);
    settings.dedup.max_keys = 1 + random() % 5;
    if (random() % 2) settings.sample.rate = 0.5;
    if (random() % 2) settings.rate_limit.refill_rate_per_sec = 100;
    settings.rate_limit.key_field = "message";
    settings.rate_limit.max_keys = 3;
    if (random() % 2) settings.adaptive.target_eps = 50;
    Fed fed(settings, random());
    for (int step = 0; step < 300; ++step) {
      for (unsigned n = random() % 5; n > 0; --n) {
        static const char* const kLevels[] = {"DEBUG", "INFO", "ERROR", "AUDIT"};
        fed.feed(
            line(kLevels[random() % 4], std::string(1, static_cast<char>('a' + random() % 8))));
      }
      fed.clock.advance(milliseconds(random() % 20));
      fed.take();
      REQUIRE(fed.passed + fed.left_out <= fed.fed);
      REQUIRE(fed.fed - fed.passed - fed.left_out <= settings.dedup.max_keys);
    }
    fed.take(true);
    REQUIRE(fed.passed + fed.left_out == fed.fed);
  }
}

TEST_CASE("sample: about the share that was asked for goes on, and every protected record",
          "[sample]") {
  FilterSettings settings;
  settings.sample.rate = 0.25;
  Fed fed(settings);
  for (int i = 0; i < 10000; ++i) fed.feed(line("INFO", std::to_string(i)));
  const auto kept = fed.take().size();
  CHECK(kept > 2300);
  CHECK(kept < 2700);
  for (int i = 0; i < 100; ++i) fed.feed(line("ERROR", std::to_string(i)));
  CHECK(fed.take().size() == 100);
  CHECK(fed.stage("sample").rate == 0.25);
}

TEST_CASE("sample: a trace stays whole, and two shippers agree on it", "[sample]") {
  FilterSettings settings;
  settings.sample.rate = 0.3;
  Fed one(settings, 1), two(settings, 2);
  std::size_t kept = 0;
  for (int trace = 0; trace < 1000; ++trace) {
    std::string id = "t-" + std::to_string(trace);
    if (trace % 2 == 0) {
      char hex[33];
      std::snprintf(hex, sizeof hex, "%032llx",
                    mix_bits(static_cast<std::uint64_t>(trace) + 1) | 0ull);
      id = hex;
    }
    for (int n = 0; n < 3; ++n) {
      const std::string text =
          R"({"log":{"context":{"trace_id":")" + id + R"("},"n":)" + std::to_string(n) + "}}";
      one.feed(text);
      two.feed(text);
    }
    const auto lines = one.take();
    CHECK((lines.empty() || lines.size() == 3));
    CHECK(lines == two.take());
    kept += lines.size() / 3;
  }
  CHECK(kept > 240);
  CHECK(kept < 360);
}

TEST_CASE("sample: a W3C trace id counts by its last 56 bits, the high ones are kept", "[sample]") {
  TracePosition position("", 1);
  const std::string high = R"({"trace_id":"0123456789abcdef00ffffffffffffff"})";
  const std::string low = R"({"trace_id":"ffffffffffffffffff00000000000001"})";
  CHECK(position.of({high, 0, {}, 0, 0}) == TracePosition::kEnd - 1);
  CHECK(position.of({low, 0, {}, 0, 0}) == 1);
  CHECK(TracePosition::threshold(1) == 0);
  CHECK(TracePosition::threshold(0) == TracePosition::kEnd);
  CHECK(TracePosition::threshold(0.25) == TracePosition::kEnd / 4 * 3);
}

TEST_CASE("rate limit: a burst of the capacity goes on, then the rate, for each key",
          "[rate_limit]") {
  FilterSettings settings;
  settings.rate_limit.refill_rate_per_sec = 10;
  settings.rate_limit.capacity = 3;
  settings.rate_limit.key_field = "logger";
  Fed fed(settings);
  const auto from = [](const std::string& logger) { return R"({"logger":")" + logger + "\"}"; };
  for (int i = 0; i < 5; ++i) fed.feed(from("a"));
  fed.feed(from("b"));
  CHECK(fed.take().size() == 4);
  fed.clock.advance(milliseconds(100));
  for (int i = 0; i < 3; ++i) fed.feed(from("a"));
  CHECK(fed.take().size() == 1);
  fed.clock.advance(seconds(60));
  for (int i = 0; i < 5; ++i) fed.feed(from("a"));
  CHECK(fed.take().size() == 3);
  CHECK(fed.stage("rate_limit").in == 14);
  CHECK(fed.stage("rate_limit").out == 8);
}

TEST_CASE("rate limit: protected records pass, and take the tokens of the others", "[rate_limit]") {
  FilterSettings settings;
  settings.rate_limit.refill_rate_per_sec = 1;
  settings.rate_limit.capacity = 2;
  Fed fed(settings);
  for (int i = 0; i < 5; ++i) fed.feed(line("ERROR", "x"));
  fed.feed(line("INFO", "x"));
  CHECK(fed.take().size() == 5);
}

TEST_CASE("rate limit: of too many keys the one used longest ago is forgotten", "[rate_limit]") {
  FilterSettings settings;
  settings.rate_limit.refill_rate_per_sec = 0.001;
  settings.rate_limit.capacity = 1;
  settings.rate_limit.key_field = "k";
  settings.rate_limit.max_keys = 2;
  Fed fed(settings);
  const auto passes = [&](int key) {
    return fed.take_one(R"({"k":)" + std::to_string(key) + "}").size() == 1;
  };
  CHECK(passes(1));
  CHECK(passes(2));
  CHECK(!passes(1));
  CHECK(passes(3));  // forgets 2
  CHECK(!passes(1));
  CHECK(passes(2));
}

TEST_CASE("adaptive: the rate settles where the target is met", "[adaptive]") {
  FilterSettings settings;
  settings.adaptive.target_eps = 1000;
  settings.adaptive.min_sample_rate = 0.001;
  Fed fed(settings);
  const auto run = [&](int per_slice, int slices) {
    std::size_t kept = 0;
    for (int slice = 0; slice < slices; ++slice) {
      for (int i = 0; i < per_slice; ++i) fed.feed(line("INFO", "x"));
      fed.clock.advance(milliseconds(100));
      kept += fed.take().size();
    }
    return static_cast<double>(kept) / (slices / 10.0);
  };
  CHECK(run(50, 20) == 500);  // below the target: everything
  run(2000, 20);
  const double busy = run(2000, 50);
  CHECK(busy > 900);
  CHECK(busy < 1100);
  REQUIRE(fed.stage("adaptive").rate);
  CHECK(*fed.stage("adaptive").rate > 0.045);
  CHECK(*fed.stage("adaptive").rate < 0.055);
  run(50, 600);
  CHECK(run(50, 10) > 490);
}

TEST_CASE("adaptive: a burst is met within the slice in which it comes", "[adaptive]") {
  FilterSettings settings;
  settings.adaptive.target_eps = 100;
  Fed fed(settings);
  for (int i = 0; i < 10000; ++i) fed.feed(line("INFO", "x"));
  CHECK(fed.take().size() < 500);
  for (int i = 0; i < 1000; ++i) fed.feed(line("ERROR", "x"));
  CHECK(fed.take().size() == 1000);
}

TEST_CASE("filter_chain: one that is replaced passes on what it held back, and its counts stay",
          "[choose]") {
  ManualClock clock;
  ReplaceableFilterChain filter_chain;
  CHECK(filter_chain.empty());
  FilterSettings dedup;
  dedup.dedup.window = std::chrono::seconds(60);
  filter_chain.replace(std::move(FilterChain::make(dedup, clock, 1)).value());
  Record record;
  record.line = R"({"level":"INFO","message":"again"})";
  std::vector<Record> batch(3, record);
  // One of the two repeats is held, to tell of both.
  CHECK(filter_chain.filter(batch, false) == 1);
  REQUIRE(batch.size() == 1);
  FilterSettings where;
  where.where = "message == 'other'";
  filter_chain.replace(std::move(FilterChain::make(where, clock, 1)).value());
  CHECK_FALSE(filter_chain.empty());
  batch = {record};
  // What was held goes on; the newcomer is left out by the new filter.
  CHECK(filter_chain.filter(batch, false) == 1);
  REQUIRE(batch.size() == 1);
  CHECK_THAT(std::string(batch[0].line), Catch::Contains("repeated 2 times"));
  const auto counts = filter_chain.counts();
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].name == "dedup");
  CHECK(counts[0].in == 3);
  CHECK(counts[1].name == "where");
  CHECK(counts[1].in == 1);
  filter_chain.replace(nullptr);
  batch = {record};
  CHECK(filter_chain.filter(batch, false) == 0);
  CHECK(batch.size() == 1);
  CHECK(filter_chain.empty());
}
