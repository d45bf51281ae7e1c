#include "delivery/dead_letters.hpp"

#include <filesystem>
#include <random>
#include <set>
#include <thread>

#include "delivery/dead_letter_replay.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

constexpr const char* kPath = "/dead.ndjson";

/// A dead-letter file in memory, and what was logged.
struct Fixture {
  MemoryFiles files;
  ManualClock clock;
  std::vector<std::string> logged;
  std::unique_ptr<DeadLetters> letters;

  explicit Fixture(std::uint64_t rotate_bytes = 1 << 20, std::uint32_t count = 4) {
    letters = std::move(open({kPath, rotate_bytes, count}).value());
  }
  Result<std::unique_ptr<DeadLetters>> open(DeadLettersOptions options) {
    return DeadLetters::open(files, clock, std::move(options),
                             [this](LogLevel, std::string text) { logged.push_back(text); });
  }
  bool write(std::string record) {
    const DeadLetter letter{"loki", 400, "no", record};
    return letters->write({&letter, 1}) == 1;
  }
};

/// The records of all letters that a replay finds; malformed lines with a mark.
std::vector<std::string> replayed(DeadLetterReplay& replay) {
  std::vector<std::string> records;
  StoredDeadLetter letter;
  for (;;) {
    const auto next = replay.next(letter);
    REQUIRE(next.ok());
    if (next.value() == DeadLetterReplay::Next::end) return records;
    const bool bad = next.value() == DeadLetterReplay::Next::malformed;
    records.push_back((bad ? "malformed: " : "") + letter.record);
  }
}

std::vector<std::string> stored(Files& files, const std::string& path) {
  auto replay = DeadLetterReplay::open(files, path);
  if (!replay) return {};
  auto records = replayed(replay.value());
  REQUIRE(replay.value().finish());
  return records;
}

TEST_CASE("dead letter: it is one line of JSON", "[dead_letter]") {
  std::string line;
  append_dead_letter(line, 1700000000'123000000,
                     {"loki", 400, "line too \"long\"", R"({"message":"a\nb"})"});
  CHECK(line == R"({"at":"2023-11-14T22:13:20.123Z","sink":"loki","status":400,)"
                R"("reason":"line too \"long\"","record":"{\"message\":\"a\\nb\"}"})"
                "\n");
  line.clear();
  append_dead_letter(line, 0, {"", 0, "is no JSON object", "plain"});
  CHECK(line.find("\"id\"") == std::string::npos);
  CHECK(line.find("\"sink\":null,\"status\":0") != std::string::npos);
}

TEST_CASE("dead letter: any bytes come back as they were", "[dead_letter]") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const bool text = round % 2 == 0;
    std::string record;
    for (std::uint64_t i = random() % 40; i > 0; --i) {
      record += text ? static_cast<char>(random() % 128) : static_cast<char>(random());
    }
    std::string line;
    append_dead_letter(line, round * 1000000, {"s", round, "r", record});
    REQUIRE(line.find('\n') == line.size() - 1);
    line.pop_back();
    StoredDeadLetter letter;
    REQUIRE(parse_dead_letter(line, letter));
    CHECK(letter.record == record);
    CHECK(letter.sink == "s");
    CHECK(letter.status == round);
    CHECK(letter.reason == "r");
    CHECK(letter.at == round * 1000000);
  }
}

TEST_CASE("dead letter: it keeps the record's identity", "[dead_letter]") {
  const RecordId id{{0xAB, 0xCD}, 12};
  std::string line;
  append_dead_letter(line, 0, {"s", 400, "r", "{}", id});
  CHECK(line.find(R"("sink":"s","id":"00000000000000ab00000000000000cd-12","status")") !=
        std::string::npos);
  line.pop_back();
  StoredDeadLetter letter;
  REQUIRE(parse_dead_letter(line, letter));
  CHECK(letter.id == id);
  REQUIRE(parse_dead_letter(R"({"at":"2023-11-14T22:13:20Z","record":"{}"})", letter));
  CHECK_FALSE(letter.id);
  REQUIRE(parse_dead_letter(R"({"at":"2023-11-14T22:13:20Z","id":"x","record":"{}"})", letter));
  CHECK_FALSE(letter.id);
}

TEST_CASE("dead letter: what is cut short anywhere is none", "[dead_letter]") {
  std::string line;
  append_dead_letter(line, 0, {"s", 400, "r", "{\"a\":\"}\\\"\xFF\"}"});
  line.pop_back();
  StoredDeadLetter letter;
  CHECK(parse_dead_letter(line, letter));
  for (std::size_t size = 0; size < line.size(); ++size) {
    INFO(size);
    CHECK_FALSE(parse_dead_letter(line.substr(0, size), letter));
  }
  CHECK_FALSE(parse_dead_letter("{\"at\":1,\"record\":\"x\"}", letter));
  CHECK_FALSE(parse_dead_letter("[]", letter));
}

TEST_CASE("dead letters: they are rotated, and bounded", "[dead_letter]") {
  Fixture f(1000, 4);
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back("record " + std::to_string(i));
    CHECK(f.write(expected.back()));
    std::uint64_t bytes = 0;
    for (const std::string& path : f.files.paths()) {
      CHECK(f.files.content(path).size() <= 1000);
      bytes += f.files.content(path).size();
    }
    CHECK(bytes <= 4000);
  }
  CHECK(f.files.paths() ==
        std::vector<std::string>{kPath, "/dead.ndjson.1", "/dead.ndjson.2", "/dead.ndjson.3"});
  CHECK(f.logged.size() > 1);
  CHECK(f.logged[0].find("/dead.ndjson.3 is removed") != std::string::npos);
  REQUIRE(f.letters->close(SteadyTime::max()));
  const auto records = stored(f.files, kPath);
  CHECK(records.size() > 30);
  CHECK(std::equal(records.rbegin(), records.rend(), expected.rbegin()));
  CHECK(f.files.paths().empty());
}

TEST_CASE("dead letters: a letter larger than a file gets one of its own", "[dead_letter]") {
  Fixture f(1000);
  CHECK(f.write("small"));
  CHECK(f.write(std::string(600000, 'x')));
  CHECK(f.write("small too"));
  const auto records = stored(f.files, kPath);
  REQUIRE(records.size() == 3);
  CHECK(records[1] == std::string(600000, 'x'));
  CHECK(records[2] == "small too");
}

TEST_CASE("dead letters: on a full disk the whole ones count, and nothing is torn",
          "[dead_letter]") {
  for (std::uint64_t free_bytes = 0; free_bytes < 400; ++free_bytes) {
    INFO(free_bytes << " bytes free");
    Fixture f;
    REQUIRE(f.write("before"));
    f.files.free_bytes = free_bytes;
    std::vector<std::string> texts = {"one", "two", "three", "four"};
    std::vector<DeadLetter> letters;
    for (const std::string& text : texts) letters.push_back({"loki", 400, "no", text});
    const std::size_t written = f.letters->write(letters);
    f.files.free_bytes.reset();
    if (written < 4) {
      REQUIRE(f.logged.size() == 1);
      CHECK(f.logged[0].find("No space left") != std::string::npos);
    }
    CHECK(f.write("after"));
    if (written < 4) {
      REQUIRE(f.logged.size() == 2);
      CHECK(f.logged[1].find(std::to_string(4 - written) + " dead letter") != std::string::npos);
    }
    std::vector<std::string> expected = {"before"};
    expected.insert(expected.end(), texts.begin(),
                    texts.begin() + static_cast<std::ptrdiff_t>(written));
    expected.push_back("after");
    std::vector<std::string> records = stored(f.files, kPath);
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [](const auto& text) { return text.rfind("malformed", 0) == 0; }),
                  records.end());
    CHECK(records == expected);
  }
}

TEST_CASE("dead letters: a line torn by a crash is ended before the next", "[dead_letter]") {
  Fixture f;
  f.files.put(kPath, "{\"at\":\"2023-11-14T22:13:20.123Z\",\"rec");
  f.letters->reopen();
  CHECK(f.write("next"));
  CHECK(stored(f.files, kPath) ==
        std::vector<std::string>{"malformed: {\"at\":\"2023-11-14T22:13:20.123Z\",\"rec", "next"});
}

TEST_CASE("dead letters: a file that was taken away is made anew", "[dead_letter]") {
  Fixture f;
  CHECK(f.write("one"));
  REQUIRE(f.files.rename(kPath, "/elsewhere"));
  CHECK(f.write("two"));
  CHECK(f.files.content(kPath).find("two") != std::string::npos);
  REQUIRE(f.files.remove(kPath));
  CHECK(f.write("three"));
  CHECK(f.files.content(kPath).find("three") != std::string::npos);
}

TEST_CASE("dead letters: two processes may share a path", "[dead_letter]") {
  Fixture f(700, 100);
  auto other = std::move(f.open({kPath, 700, 100}).value());
  std::multiset<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    const std::string text = "record " + std::to_string(i);
    const DeadLetter letter{"loki", 400, "no", text};
    CHECK((i % 3 ? *f.letters : *other).write({&letter, 1}) == 1);
    expected.insert(text);
  }
  f.letters.reset();
  other.reset();
  const auto records = stored(f.files, kPath);
  CHECK(std::multiset<std::string>(records.begin(), records.end()) == expected);
}

TEST_CASE("dead letters: of two processes that rotate at once one does", "[dead_letter]") {
  Fixture f(200, 4);
  CHECK(f.write("old"));
  bool rotated = false;
  f.files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::lock && !std::exchange(rotated, true)) {
      CHECK(f.files.rename(kPath, "/dead.ndjson.1").ok());
      f.files.put(kPath, {});
    }
    return 0;
  };
  const std::string big(150, 'x');
  CHECK(f.write(big));
  f.files.on_call = nullptr;
  CHECK(rotated);
  CHECK(f.files.paths() == std::vector<std::string>{kPath, "/dead.ndjson.1"});
  CHECK(stored(f.files, kPath) == std::vector<std::string>{"old", big});
}

TEST_CASE("dead letters: they are synced at most once a second, and at the end", "[dead_letter]") {
  Fixture f;
  CHECK(f.write("one"));
  CHECK(f.files.synced_content(kPath).empty());
  f.clock.advance(std::chrono::seconds(2));
  CHECK(f.write("two"));
  CHECK(f.files.synced_content(kPath) == f.files.content(kPath));
  CHECK(f.write("three"));
  CHECK(f.files.synced_content(kPath) != f.files.content(kPath));
  CHECK(f.letters->close(SteadyTime::max()));
  CHECK(f.files.synced_content(kPath) == f.files.content(kPath));
}

TEST_CASE("dead letters: only a regular file will do, with mode 0600", "[dead_letter]") {
  const TemporaryDirectory directory;
  ManualClock clock;
  const auto open = [&](const std::string& path) {
    return DeadLetters::open(system_files(), clock, {path}, [](LogLevel, std::string) {});
  };
  const std::string path = directory.path() + "/dead";
  CHECK(open(path).ok());
  CHECK(std::filesystem::status(path).permissions() == std::filesystem::perms(0600));
  CHECK(open(directory.path()).error().kind == ErrorKind::config);
  CHECK(open("/dev/null").error().kind == ErrorKind::config);
  std::filesystem::create_symlink(path, directory.path() + "/link");
  CHECK(open(directory.path() + "/link").error().kind == ErrorKind::config);
  const auto missing = open(directory.path() + "/none/dead");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find(directory.path() + "/none/dead") != std::string::npos);
}

TEST_CASE("dead letters: all lanes write to one file at once", "[dead_letter]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/dead";
  {
    auto letters = std::move(DeadLetters::open(system_files(), system_clock(), {path, 20000, 100},
                                               [](LogLevel, std::string) {})
                                 .value());
    std::vector<std::thread> lanes;
    for (int lane = 0; lane < 4; ++lane) {
      lanes.emplace_back([&letters, lane] {
        for (int i = 0; i < 100; ++i) {
          const std::string text = std::to_string(lane) + " " + std::to_string(i);
          const DeadLetter letter{"s", 1, "r", text};
          letters->write({&letter, 1});
          letters->post("posted " + text, "is no JSON object", {});
        }
      });
    }
    for (std::thread& lane : lanes) lane.join();
    CHECK(letters->close(SteadyTime::max()));
  }
  const auto records = stored(system_files(), path);
  CHECK(std::set<std::string>(records.begin(), records.end()).size() == 800);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("dead letters: posting never waits for a disk that hangs", "[dead_letter]") {
  Fixture f;
  std::mutex disk;
  std::unique_lock hang(disk, std::defer_lock);
  f.files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::write) const std::lock_guard wait(disk);
    return 0;
  };
  hang.lock();
  for (int i = 0; i < 5000; ++i) f.letters->post(std::string(1000, 'x'), "is no JSON object", {});
  CHECK_FALSE(f.letters->close(SteadyTime::min()));
  hang.unlock();
  CHECK(f.letters->close(SteadyTime::max()));
  const auto records = stored(f.files, kPath);
  CHECK(records.size() >= 1000);
  CHECK(records.size() <= 2100);
  REQUIRE(f.logged.size() >= 1);
  CHECK(f.logged.back().find("came too fast to be kept") != std::string::npos);
}

TEST_CASE("dead letters: a replay takes the oldest first and leaves the writer alone",
          "[dead_letter]") {
  Fixture f(300, 4);
  std::vector<std::string> expected;
  for (int i = 0; i < 8; ++i) {
    expected.push_back("record " + std::to_string(i));
    CHECK(f.write(expected.back()));
  }
  auto replay = DeadLetterReplay::open(f.files, kPath);
  REQUIRE(replay.ok());
  CHECK(replay.value().total_bytes() > 700);
  CHECK(f.write("failed again"));
  CHECK(replayed(replay.value()) == expected);
  CHECK(replay.value().read_bytes() == replay.value().total_bytes());
  REQUIRE(replay.value().finish());
  CHECK(stored(f.files, kPath) == std::vector<std::string>{"failed again"});
}

TEST_CASE("dead letters: a replay that died is taken up by the next", "[dead_letter]") {
  Fixture f(300, 4);
  CHECK(f.write("one"));
  CHECK(f.write("two"));
  CHECK(f.write("three"));
  { REQUIRE(DeadLetterReplay::open(f.files, kPath)); }
  CHECK(f.write("four"));
  { REQUIRE(DeadLetterReplay::open(f.files, kPath)); }
  CHECK(f.write("five"));
  CHECK(stored(f.files, kPath) == std::vector<std::string>{"one", "two", "three", "four", "five"});
  CHECK(f.files.paths().empty());
}

TEST_CASE("dead letters: two replays do not share a file", "[dead_letter]") {
  Fixture f;
  CHECK(f.write("one"));
  auto first = DeadLetterReplay::open(f.files, kPath);
  REQUIRE(first.ok());
  const auto second = DeadLetterReplay::open(f.files, kPath);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().kind == ErrorKind::config);
  CHECK(second.error().message.find("another replay") != std::string::npos);
}

TEST_CASE("dead letters: where there are none, a replay says so", "[dead_letter]") {
  MemoryFiles files;
  files.put("/dead.ndjson.backup", "x");
  files.put("/dead.ndjson.01", "x");
  files.put("/dead.ndjson.replay-", "x");
  const auto replay = DeadLetterReplay::open(files, kPath);
  REQUIRE_FALSE(replay.ok());
  CHECK(replay.error().message == "replay: there are no dead letters at /dead.ndjson");
}

}  // namespace
}  // namespace ship
