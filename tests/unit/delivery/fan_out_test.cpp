#include "delivery/fan_out.hpp"

#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

namespace ship {
namespace {

Lane lane_that_blocks(ManualClock& clock, std::uint64_t size, std::uint64_t max_bytes) {
  SinkSettings settings = settings_for_tests();
  settings.queue.size = size;
  settings.queue.max_bytes = max_bytes;
  settings.queue.drop_on_full = false;
  return {settings, clock, [](LogLevel, const std::string&) {}, nullptr, [] {}};
}

}  // namespace

TEST_CASE("fan-out: lanes that nobody empties keep nothing from another, whatever their order",
          "[fan_out]") {
  for (const bool dead_first : {true, false}) {
    INFO("the dead lanes come first: " << dead_first);
    ManualClock clock;
    Lane dead = lane_that_blocks(clock, 10, 100'000);
    Lane hung = lane_that_blocks(clock, 20, 100'000);
    Lane works = lane_that_blocks(clock, 10'000, 10'000'000);
    FanOut fan_out([] {});
    if (dead_first) {
      fan_out.replace({&dead, &hung, &works});
    } else {
      fan_out.replace({&works, &hung, &dead});
    }
    const std::vector<std::string> lines(300, std::string(300, 'x'));
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line));
    std::thread reader([&] {
      // What it was at when the drain began, and what the pipe still held.
      for (int i = 0; i < 3; ++i) fan_out.submit(records);
    });
    clock.wait_for_waiters(1);
    CHECK(works.snapshot().counts.submitted == 300);
    const SteadyTime now = clock.steady();
    for (Lane* lane : {&dead, &hung}) lane->begin_drain(now + 8s, now + 6s);
    works.begin_drain(now + 8s, now + 6s);
    clock.wait_for_waiters(1);
    clock.advance(6s);
    reader.join();
    CHECK(works.snapshot().counts.pending == 900);
    for (const Lane* lane : {&dead, &hung}) {
      const LaneSnapshot snapshot = lane->snapshot();
      CHECK(snapshot.counts.submitted == 900);
      CHECK(snapshot.counts.pending > 200);
      CHECK(dropped(snapshot, Ending::shutdown) == 900 - snapshot.counts.pending);
      CHECK(snapshot.counts.balanced());
    }
  }
}

}  // namespace ship
