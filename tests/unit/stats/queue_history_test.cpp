#include "stats/queue_history.hpp"

#include <algorithm>
#include <random>

#include "tests/catch.hpp"

using namespace ship;

namespace {

using std::chrono::milliseconds;

const SteadyTime kStart{std::chrono::hours(5)};
SteadyTime at(double seconds) { return kStart + milliseconds(static_cast<int>(seconds * 1000)); }

}  // namespace

TEST_CASE("queue history: a slot shows its peak, also one that ended within it", "[history]") {
  QueueHistory history(kStart);
  CHECK(history.peaks(kStart) == std::vector<std::uint32_t>{0});
  history.put(10, 0, 400, at(1));
  history.taken(10, 400, 0, at(2));
  CHECK(history.peaks(at(2)) == std::vector<std::uint32_t>{400});
  CHECK(history.peaks(at(7)) == std::vector<std::uint32_t>{400, 0, 0});
}

TEST_CASE("queue history: while nothing happens it stays as full as it was", "[history]") {
  QueueHistory history(kStart);
  history.put(10, 0, 700, at(1));
  CHECK(history.peaks(at(10)) == std::vector<std::uint32_t>{700, 700, 700, 700});
  history.taken(10, 700, 100, at(10));
  CHECK(history.peaks(at(13)) == std::vector<std::uint32_t>{700, 700, 700, 700, 100});
  CHECK(history.peaks(at(1000)) == std::vector<std::uint32_t>(QueueHistory::kSlots, 100));
}

TEST_CASE("queue history: the peaks are those of a list of all that happened", "[history]") {
  std::mt19937 random(7);
  QueueHistory history(kStart);
  std::vector<std::pair<double, std::uint32_t>> happened = {{0, 0}};
  double now = 0;
  for (int i = 0; i < 2000; ++i) {
    now += static_cast<double>(random() % 100) / (random() % 50 == 0 ? 1 : 100);
    const std::uint32_t before = happened.back().second;
    const auto fill = static_cast<std::uint32_t>(random() % 1001);
    if (random() % 2 == 0) {
      history.put(1, 0, fill, at(now));
    } else {
      history.taken(1, before, fill, at(now));
    }
    happened.emplace_back(now, fill);
    const auto peaks = history.peaks(at(now));
    const auto last = static_cast<std::size_t>((at(now) - kStart) / QueueHistory::kSlot);
    REQUIRE(peaks.size() == std::min(last + 1, QueueHistory::kSlots));
    const std::size_t slot = last + 1 - peaks.size() + random() % peaks.size();
    std::uint32_t wanted = 0;
    for (std::size_t j = 0; j < happened.size(); ++j) {
      const auto begins =
          static_cast<std::size_t>((at(happened[j].first) - kStart) / QueueHistory::kSlot);
      const auto ends = j + 1 == happened.size()
                            ? last
                            : static_cast<std::size_t>((at(happened[j + 1].first) - kStart) /
                                                       QueueHistory::kSlot);
      if (begins <= slot && slot <= ends) wanted = std::max(wanted, happened[j].second);
    }
    REQUIRE(peaks[slot - (last + 1 - peaks.size())] == wanted);
  }
}

TEST_CASE("queue history: too full from the first drop until half of it is free", "[history]") {
  QueueHistory history(kStart);
  history.put(100, 0, 1000, at(1));
  CHECK(history.overflow(at(2)).seconds == 0);
  history.put(60, 50, 1000, at(2));
  history.taken(40, 1000, 600, at(3));
  history.put(30, 5, 1000, at(4));
  CHECK(history.overflow(at(5)).seconds == Approx(3));
  CHECK(history.overflow(at(5)).arrived == 90);
  history.taken(60, 1000, 500, at(6));
  history.put(1000, 0, 900, at(7));
  const Overflow first = history.overflow(at(100));
  CHECK(first.seconds == Approx(4));
  CHECK(first.arrived == 90);
  CHECK(first.taken == 100);
  CHECK(first.worst_dropped == 55);
  CHECK(first.worst_arrived == 90);
  CHECK(first.worst_seconds == Approx(4));
}

TEST_CASE("queue history: of several times the one with most drops is told", "[history]") {
  QueueHistory several(kStart);
  double now = 0;
  for (const std::uint64_t dropped : {5u, 9u, 2u}) {
    several.put(20, dropped, 1000, at(++now));
    several.taken(20, 1000, 0, at(now += static_cast<double>(dropped)));
  }
  const Overflow overflow = several.overflow(at(now));
  CHECK(overflow.seconds == Approx(16));
  CHECK(overflow.arrived == 60);
  CHECK(overflow.worst_dropped == 9);
  CHECK(overflow.worst_seconds == Approx(9));
}
