#include "delivery/worker_generations.hpp"

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;

TEST_CASE("generations: new workers wait for the former ones, but not past their time",
          "[generations]") {
  ManualClock clock;
  WorkerGenerations generations(2);
  const WorkerContext old = generations.context();
  const SteadyTime until = clock.steady() + 1200ms;
  std::stop_source former = generations.replace(3, nullptr, until);
  CHECK(generations.running() == 5);
  CHECK(generations.former_running() == 2);
  CHECK_FALSE(generations.is_present(old));
  SteadyTime look_again = SteadyTime::max();
  CHECK(generations.must_wait(clock.steady(), look_again));
  CHECK(look_again == until);
  generations.worker_ended(old);
  CHECK(generations.must_wait(clock.steady(), look_again));
  SECTION("all have ended") { generations.worker_ended(old); }
  SECTION("their time is over") { clock.advance(1200ms); }
  CHECK_FALSE(generations.must_wait(clock.steady(), look_again));
  CHECK_FALSE(old.stop.stop_requested());
  former.request_stop();
  CHECK(old.stop.stop_requested());
  CHECK_FALSE(generations.context().stop.stop_requested());
}

TEST_CASE("generations: what a former generation says of its sink concerns nobody",
          "[generations]") {
  WorkerGenerations generations(1);
  const WorkerContext old = generations.context();
  generations.replace(1, nullptr, SteadyTime{});
  CHECK_FALSE(generations.lost(old));
  CHECK_FALSE(generations.is_lost());
  CHECK(generations.lost(generations.context()));
  CHECK_FALSE(generations.lost(generations.context()));
  CHECK(generations.is_lost());
  generations.replace(1, nullptr, SteadyTime{});
  CHECK_FALSE(generations.is_lost());
}

TEST_CASE("generations: each worker hears of a reopen once", "[generations]") {
  WorkerGenerations generations(2);
  WorkerContext first = generations.context();
  WorkerContext second = generations.context();
  CHECK_FALSE(generations.must_reopen(first));
  generations.request_reopen();
  CHECK(generations.must_reopen(first));
  CHECK_FALSE(generations.must_reopen(first));
  CHECK(generations.must_reopen(second));
}
