#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/assembly/voyage.hpp"

using namespace ship;
using namespace ship::testing;
using namespace std::chrono_literals;

namespace {

std::uint64_t shutdown_of(const LaneCounts& counts) {
  return counts.dropped[static_cast<std::size_t>(Ending::shutdown)];
}

/// Each counter of `before` is at most that of `after`, sink by sink.
bool only_grows(const StatsSnapshot& before, const StatsSnapshot& after) {
  for (const LaneSnapshot& old : before.sinks) {
    bool found = false;
    for (const LaneSnapshot& now : after.sinks) {
      if (now.name != old.name) continue;
      found = old.counts.submitted <= now.counts.submitted &&
              old.counts.delivered <= now.counts.delivered &&
              old.counts.dropped_total() <= now.counts.dropped_total() &&
              old.batches <= now.batches && old.bytes_sent <= now.bytes_sent;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("reload: under load no record is lost, no count goes back and every snapshot balances",
          "[reload]") {
  constexpr int kLines = 30000;
  Voyage voyage(settings_of({sink("stays", "stays"), sink("moves", "a"), sink("goes", "goes")}));
  std::atomic<bool> over = false;
  std::atomic<int> reloads = 0;
  std::thread writer([&] {
    for (int i = 0; i < kLines; i += 100) {
      // However fast the machine, some of the reloads come in the middle.
      while (i >= kLines / 2 && reloads < 4) std::this_thread::yield();
      voyage.write(i, i + 100);
    }
    voyage.close_input();
  });
  std::thread reloader([&] {
    for (int i = 0; !over; ++i) {
      SinkSettings moves = sink("moves", i % 2 == 0 ? "b" : "a");
      moves.delivery.workers = 1 + static_cast<std::uint32_t>(i % 3 == 0);
      moves.queue.size = i % 2 == 0 ? 50 : 10000;
      std::vector<SinkSettings> sinks = {sink("stays", "stays"), moves};
      if (i % 3 == 0) sinks.push_back(sink("goes", "goes"));
      if (voyage.ship->reload(settings_of(sinks)).ok()) ++reloads;
    }
  });
  StatsSnapshot before = voyage.ship->snapshot();
  bool balanced = true;
  bool grows = true;
  while (!voyage.is_done(0)) {
    StatsSnapshot now = voyage.ship->snapshot();
    balanced &= now.input.balanced();
    for (const LaneSnapshot& lane : now.sinks) balanced &= lane.counts.balanced();
    grows &= only_grows(before, now);
    before = std::move(now);
  }
  over = true;
  reloader.join();
  writer.join();
  const Ship::Ending ending = voyage.ship->finish();
  CHECK(balanced);
  CHECK(grows);
  CHECK(reloads > 3);
  CHECK(ending.undelivered == 0);
  CHECK_FALSE(ending.stuck);
  CHECK(voyage.counts("stays").delivered == kLines);
  CHECK(voyage.counts("moves").delivered == kLines);
  CHECK(voyage.counts("goes").delivered == voyage.counts("goes").submitted);
  auto got = voyage.servers.lines();
  std::vector<std::string> all;
  for (int i = 0; i < kLines; ++i) all.push_back(line(i));
  CHECK((got["stays"] == all));
  CHECK(got["goes"].size() == voyage.counts("goes").delivered);
  std::vector<std::string> moved = got["a"];
  moved.insert(moved.end(), got["b"].begin(), got["b"].end());
  std::sort(moved.begin(), moved.end());
  std::sort(all.begin(), all.end());
  CHECK((moved == all));
}

TEST_CASE("reload: what waits for a sink that hangs goes to its successor, first things first",
          "[reload]") {
  Voyage voyage(settings_of({sink("web", "hang")}));
  voyage.write(0, 1000);
  while (voyage.counts("web").in_flight == 0) std::this_thread::yield();
  REQUIRE(voyage.ship->reload(settings_of({sink("web", "good")})).ok());
  voyage.write(1000, 2000);
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  CHECK(voyage.ship->finish().undelivered == 0);
  std::vector<std::string> all;
  for (int i = 0; i < 2000; ++i) all.push_back(line(i));
  CHECK((voyage.servers.lines()["good"] == all));
}

TEST_CASE("reload: a full queue that blocks lets its reader go when its sink is removed",
          "[reload]") {
  SinkSettings web = sink("web", "hang");
  web.queue.size = 10;
  web.delivery.drain_timeout = 1h;
  Voyage voyage(settings_of({web, sink("other", "other")}));
  voyage.write(0, 1000);
  while (voyage.counts("web").submitted < 11) std::this_thread::yield();
  const auto changes = voyage.ship->reload(settings_of({sink("other", "other")}));
  REQUIRE(changes.ok());
  voyage.write(1000, 2000);
  while (voyage.counts("other").delivered < 2000) std::this_thread::yield();
  const LaneCounts held = voyage.counts("web");
  CHECK(held.balanced());
  CHECK(held.pending == held.submitted);
  voyage.close_input();
  CHECK(voyage.ship->finish().undelivered == held.submitted);
  CHECK(shutdown_of(voyage.counts("web")) == held.submitted);
}

TEST_CASE("reload: a sink that is removed and added again goes on with its counts", "[reload]") {
  Voyage voyage(settings_of({sink("stays", "stays"), sink("web", "a")}));
  voyage.write(0, 10);
  while (voyage.counts("web").delivered < 10) std::this_thread::yield();
  REQUIRE(voyage.ship->reload(settings_of({sink("stays", "stays")})).ok());
  voyage.write(10, 20);
  while (voyage.counts("stays").delivered < 20) std::this_thread::yield();
  CHECK(voyage.counts("web").delivered == 10);
  REQUIRE(voyage.ship->reload(settings_of({sink("stays", "stays"), sink("web", "a")})).ok());
  voyage.write(20, 30);
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  voyage.ship->finish();
  CHECK(voyage.counts("web").submitted == 20);
  CHECK(voyage.counts("web").delivered == 20);
}

TEST_CASE("reload: what cannot be built changes nothing", "[reload]") {
  Voyage voyage(settings_of({sink("web", "a")}));
  SinkSettings lost = sink("web", "b");
  lost.fallback = "nowhere";
  CHECK_FALSE(voyage.ship->reload(settings_of({lost, sink("more", "c")})).ok());
  voyage.write(0, 10);
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  voyage.ship->finish();
  CHECK(voyage.servers.lines()["a"].size() == 10);
  CHECK(voyage.ship->snapshot().sinks.size() == 1);
}

TEST_CASE("reload: a run that is ending is left alone", "[reload]") {
  Voyage voyage(settings_of({sink("web", "a")}));
  voyage.ship->begin_drain();
  CHECK_FALSE(voyage.ship->reload(settings_of({sink("web", "b")})).ok());
  CHECK(voyage.is_done(60000));
  voyage.ship->finish();
}

TEST_CASE("reload: a fallback stays open until the last that diverts to it has ended", "[reload]") {
  SinkSettings web = sink("web", "hang");
  web.fallback = "spare";
  web.delivery.drain_timeout = 300ms;
  Voyage voyage(settings_of({web, sink("spare", "spare"), sink("other", "other")}));
  voyage.write(0, 10);
  while (voyage.counts("web").in_flight == 0) std::this_thread::yield();
  REQUIRE(voyage.ship->reload(settings_of({sink("other", "other")})).ok());
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  const Ship::Ending ending = voyage.ship->finish();
  CHECK_FALSE(ending.stuck);
  CHECK(voyage.counts("spare").balanced());
  CHECK(voyage.counts("web").balanced());
  CHECK(voyage.counts("web").submitted == 10);
}

TEST_CASE("reload: where only the fallback changes, records go to the new one", "[reload]") {
  const auto failing = [](const std::string& fallback) {
    SinkSettings web = sink("web", "fail");
    web.fallback = fallback;
    web.delivery.breaker_failures = 1;
    web.delivery.breaker_interval = 1h;
    return settings_of({web, sink("a", "a"), sink("b", "b")});
  };
  Voyage voyage(failing("a"));
  voyage.write(0, 10);
  while (voyage.counts("web").diverted < 10) std::this_thread::yield();
  REQUIRE(voyage.ship->reload(failing("b")).ok());
  voyage.write(10, 20);
  while (voyage.counts("web").diverted < 20) std::this_thread::yield();
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  voyage.ship->finish();
  // Each of the two has its own twenty, and ten that were diverted.
  CHECK(voyage.servers.lines()["a"].size() == 30);
  CHECK(voyage.servers.lines()["b"].size() == 30);
}

TEST_CASE("reload: a sink that cannot send and its fallback may change and go in one reload",
          "[reload]") {
  const std::string path = GENERATE("hang", "fail");
  SinkSettings web = sink("web", path);
  web.fallback = "spare";
  web.delivery.breaker_failures = 1;
  web.delivery.drain_timeout = 50ms;
  web.delivery.workers = 2;
  web.delivery.batch_size = 7;
  for (int round = 0; round < 10; ++round) {
    Voyage voyage(settings_of({web, sink("spare", "spare")}));
    voyage.write(0, 100);
    while (voyage.counts("web").submitted < 100) std::this_thread::yield();
    REQUIRE(voyage.ship->reload(settings_of({sink("web", "good")})).ok());
    voyage.write(100, 200);
    voyage.close_input();
    CHECK(voyage.is_done(60000));
    CHECK_FALSE(voyage.ship->finish().stuck);
    const LaneCounts counts = voyage.counts("web");
    CHECK(counts.balanced());
    CHECK(counts.delivered + counts.diverted == 200);
    CHECK(counts.delivered == voyage.servers.lines()["good"].size());
    CHECK(voyage.counts("spare").balanced());
    CHECK(voyage.counts("spare").submitted == 100 + counts.diverted);
  }
}
