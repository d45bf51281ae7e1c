#include <string>
#include <vector>

#include "input/intake.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

constexpr RunId kFirstFile{1, 1};
constexpr RunId kSecondFile{2, 2};

struct Turns {
  explicit Turns(const Intake::Options& options = {})
      : intake(options,
               [this](std::span<const Record> records) {
                 for (const Record& record : records) {
                   lines.emplace_back(record.line);
                   ids.push_back(record.id);
                 }
               },
               {}) {}

  Intake intake;
  std::vector<std::string> lines;
  std::vector<RecordId> ids;
};

}  // namespace

TEST_CASE("intake: files that take turns have their own identities and offsets", "[intake]") {
  Turns turns;
  turns.intake.begin_turn(kFirstFile, 100, Unwrap::none, nullptr);
  turns.intake.feed("{\"a\":1}\n{\"a\":2}\n");
  CHECK(turns.intake.end_turn(0) == nullptr);
  turns.intake.begin_turn(kSecondFile, 0, Unwrap::none, nullptr);
  turns.intake.feed("{\"b\":1}\n");
  CHECK(turns.intake.end_turn(0) == nullptr);
  CHECK(turns.lines == std::vector<std::string>{"{\"a\":1}", "{\"a\":2}", "{\"b\":1}"});
  CHECK(turns.ids == std::vector<RecordId>{{kFirstFile, 100}, {kFirstFile, 108}, {kSecondFile, 0}});
}

TEST_CASE("intake: lines of text that wait in one file are not joined with those of another",
          "[intake]") {
  Turns turns;
  turns.intake.begin_turn(kFirstFile, 40, Unwrap::none, nullptr);
  turns.intake.feed("ERROR one\nTraceback (most recent call last):\n");
  auto first = turns.intake.end_turn(0);
  REQUIRE(first);
  CHECK(first->begin() == 40);
  CHECK(first->deadline);
  CHECK(!turns.intake.deadline());
  turns.intake.begin_turn(kSecondFile, 0, Unwrap::none, nullptr);
  turns.intake.feed("ERROR two\n");
  auto second = turns.intake.end_turn(0);
  REQUIRE(second);
  turns.intake.begin_turn(kFirstFile, 85, Unwrap::none, std::move(first));
  turns.intake.feed("  File \"a.py\", line 1, in <module>\nValueError: one\n");
  turns.intake.flush();
  CHECK(turns.intake.end_turn(0) == nullptr);
  turns.intake.begin_turn(kSecondFile, 10, Unwrap::none, std::move(second));
  turns.intake.flush();
  CHECK(turns.intake.end_turn(0) == nullptr);
  REQUIRE(turns.lines.size() == 2);
  CHECK(turns.lines[0].find("ValueError: one") != std::string::npos);
  CHECK(turns.lines[1].find("ERROR two") != std::string::npos);
  CHECK(turns.ids == std::vector<RecordId>{{kFirstFile, 40}, {kSecondFile, 0}});
}

TEST_CASE("intake: the beginning of a line counts as not read, and is read again", "[intake]") {
  Turns turns;
  turns.intake.begin_turn(kFirstFile, 0, Unwrap::none, nullptr);
  turns.intake.feed("{\"a\":1}\n{\"a\":");
  CHECK(turns.intake.end_turn(5) == nullptr);
  CHECK(turns.intake.counts().bytes == 8);
  turns.intake.begin_turn(kFirstFile, 8, Unwrap::none, nullptr);
  turns.intake.feed("{\"a\":2}\n");
  CHECK(turns.intake.end_turn(0) == nullptr);
  CHECK(turns.intake.counts().bytes == 16);
  CHECK(turns.intake.counts().lines == 2);
  CHECK(turns.ids == std::vector<RecordId>{{kFirstFile, 0}, {kFirstFile, 8}});
}
