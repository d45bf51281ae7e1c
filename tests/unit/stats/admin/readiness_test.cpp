#include "stats/admin/readiness.hpp"

#include "tests/catch.hpp"

using namespace ship;
using std::chrono::seconds;

namespace {

LaneSnapshot sink(const char* name, const char* breaker, std::uint64_t depth,
                  std::uint64_t bytes = 0) {
  LaneSnapshot lane;
  lane.name = name;
  lane.breaker = breaker;
  lane.queue_depth = depth;
  lane.queue_size = 100;
  lane.queue_bytes = bytes;
  lane.queue_max_bytes = 1000;
  return lane;
}

struct Watched {
  Readiness readiness;
  SteadyTime now{};

  bool ready(seconds later, std::vector<LaneSnapshot> sinks) {
    StatsSnapshot snapshot;
    snapshot.sinks = std::move(sinks);
    now += later;
    readiness.see(snapshot, now);
    return readiness.reasons().empty();
  }
};

}  // namespace

TEST_CASE("readiness: one sink that takes records is enough", "[stats]") {
  Watched watched;
  CHECK(watched.ready(seconds(0), {sink("a", "open", 0), sink("b", "closed", 0)}));
  CHECK(!watched.ready(seconds(1), {sink("a", "open", 0), sink("b", "half-open", 0)}));
  CHECK(watched.readiness.reasons() ==
        std::vector<std::string>{"the breaker of sink a is open",
                                 "the breaker of sink b is half-open"});
  CHECK(watched.ready(seconds(1), {sink("a", "closed", 0), sink("b", "open", 0)}));
  CHECK(watched.ready(seconds(1), {}));
}

TEST_CASE("readiness: a queue counts as full after ten seconds above 90 %", "[stats]") {
  Watched watched;
  CHECK(watched.ready(seconds(0), {sink("a", "closed", 91)}));
  CHECK(watched.ready(seconds(9), {sink("a", "closed", 100)}));
  CHECK(!watched.ready(seconds(1), {sink("a", "closed", 91)}));
  CHECK(watched.readiness.reasons().at(0) == "the queue of sink a has been above 90 % for 10 s");
  CHECK(watched.ready(seconds(1), {sink("a", "closed", 90)}));
  CHECK(watched.ready(seconds(1), {sink("a", "closed", 91)}));
  CHECK(watched.ready(seconds(9), {sink("a", "closed", 91)}));
}

TEST_CASE("readiness: a queue is full by its bytes, too", "[stats]") {
  Watched watched;
  CHECK(watched.ready(seconds(0), {sink("a", "closed", 3, 950)}));
  CHECK(!watched.ready(seconds(10), {sink("a", "closed", 3, 950)}));
}
