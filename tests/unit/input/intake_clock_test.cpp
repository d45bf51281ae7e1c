#include <string>
#include <vector>

#include "input/intake.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

/// An intake on a clock that the test moves, and the times of its records.
struct Timed {
  ManualClock clock;
  std::vector<std::string> lines;
  std::vector<WallNanos> times;
  Intake intake;

  explicit Timed(const Intake::Options& options = {})
      : intake(
            options,
            [this](std::span<const Record> records) {
              for (const Record& record : records) {
                lines.emplace_back(record.line);
                times.push_back(record.time);
              }
            },
            {}, clock) {}
};

}  // namespace

TEST_CASE("intake: a group of lines that never ends waits ten timeouts at most", "[intake]") {
  Intake::Options options;
  options.input.multiline_timeout = 100ms;
  Timed timed(options);
  timed.intake.feed("2026-11-22 09:09:09 ERROR head\n");
  const SteadyTime began = timed.clock.steady();
  // Each line comes before the one before it has waited long enough.
  for (int i = 0; i < 100 && timed.lines.empty(); ++i) {
    timed.clock.advance(90ms);
    if (timed.intake.deadline() && *timed.intake.deadline() <= timed.clock.steady()) {
      timed.intake.wake();
    } else {
      timed.intake.feed("  and more\n");
    }
  }
  REQUIRE(timed.lines.size() == 1);
  CHECK(timed.clock.steady() - began >= 900ms);
  CHECK(timed.clock.steady() - began <= 1100ms);
}

TEST_CASE("intake: records have the time of a clock that was set back, and none twice",
          "[intake]") {
  Timed timed;
  const auto feed = [&timed](int count) {
    for (int i = 0; i < count; ++i) timed.intake.feed("{}\n{}\n");
  };
  const WallNanos start = timed.clock.wall();
  feed(2);
  // By a little, as a clock is that is being corrected: each record has a moment of its own.
  timed.clock.set_wall(start - 1'000'000);
  feed(2);
  for (std::size_t i = 1; i < timed.times.size(); ++i) CHECK(timed.times[i - 1] < timed.times[i]);
  // By an hour: records are not of the future.
  timed.clock.set_wall(start - 3'600'000'000'000);
  timed.times.clear();
  feed(2);
  REQUIRE(timed.times.size() == 4);
  for (std::size_t i = 0; i < timed.times.size(); ++i) {
    CHECK(timed.times[i] >= start - 3'600'000'000'000);
    CHECK(timed.times[i] < start - 3'500'000'000'000);
    if (i > 0) CHECK(timed.times[i - 1] < timed.times[i]);
  }
}
