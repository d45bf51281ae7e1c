#include "delivery/retry_controller.hpp"

#include <future>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;
using Turn = RetryController::Turn;
using Kind = Verdict::Kind;

namespace {

/// A controller whose breaker opens at the first failure.
struct Controlled {
  ManualClock clock;
  SinkSettings settings = [] {
    SinkSettings wanted;
    wanted.delivery.breaker_failures = 1;
    return wanted;
  }();
  RetryController controller{settings, clock};

  RetryController::Attempt begin(std::uint64_t generation = 0) {
    RetryController::Attempt attempt;
    REQUIRE(controller.wait_for_turn(attempt, generation, true) == Turn::send);
    return attempt;
  }
  /// Whether a worker whose sink has a fallback would send now.
  bool would_send() {
    RetryController::Attempt attempt;
    const bool sends = controller.wait_for_turn(attempt, 0, true) == Turn::send;
    if (sends) controller.interrupted(attempt);
    return sends;
  }
  LaneSnapshot report() const {
    LaneSnapshot snapshot;
    controller.report(snapshot);
    return snapshot;
  }
};

Verdict refusal(std::chrono::milliseconds retry_after = 0ms) {
  Verdict verdict = Verdict::of(Kind::retry, 503, "busy");
  if (retry_after > 0ms) verdict.retry_after = retry_after;
  return verdict;
}

}  // namespace

TEST_CASE("retry controller: once the breaker is open, one request at most is in flight",
          "[retry]") {
  Controlled one;
  CHECK(one.controller.limit() > 1);
  one.controller.answered(one.begin(), refusal());
  CHECK(one.controller.limit() == 1);
  CHECK(one.controller.is_failing());
  CHECK(one.report().breaker == "open");
}

TEST_CASE("retry controller: Retry-After of an answer is waited for", "[retry]") {
  Controlled one;
  one.controller.answered(one.begin(), refusal(90s));
  one.clock.advance(89s);
  CHECK_FALSE(one.would_send());
  one.clock.advance(1s);
  CHECK(one.would_send());
}

TEST_CASE("retry controller: who waits for the probe's answer goes on with it", "[retry]") {
  Controlled one;
  one.controller.answered(one.begin(), refusal());
  one.clock.advance(one.settings.delivery.breaker_interval);
  const RetryController::Attempt probe = one.begin();
  auto other = std::async(std::launch::async, [&one] {
    RetryController::Attempt attempt;
    return one.controller.wait_for_turn(attempt, 0, false);
  });
  one.clock.wait_for_waiters(1);
  one.controller.answered(probe, Verdict::of(Kind::ok, 200, ""));
  const bool went_on = other.wait_for(10s) == std::future_status::ready;
  one.controller.stop();
  CHECK(went_on);
  CHECK(other.get() == Turn::send);
}

TEST_CASE("retry controller: SIGHUP ends the wait, and so does the end of the run", "[retry]") {
  Controlled one;
  one.controller.answered(one.begin(), refusal(90s));
  REQUIRE_FALSE(one.would_send());
  SECTION("SIGHUP") { one.controller.retry_now(); }
  SECTION("the end") { one.controller.hurry(); }
  CHECK(one.would_send());
}

TEST_CASE(
    "retry controller: a worker of a former generation gets no turn, and its answer says "
    "nothing of the new sink",
    "[retry]") {
  Controlled one;
  const RetryController::Attempt former = one.begin();
  one.controller.begin_generation(1, one.settings.delivery);
  RetryController::Attempt attempt;
  CHECK(one.controller.wait_for_turn(attempt, 0, false) == Turn::stopped);
  one.controller.answered(former, refusal());
  CHECK_FALSE(one.controller.is_failing());
  CHECK(one.report().breaker == "closed");
  CHECK(one.report().errors == 1);
  CHECK(one.report().requests_in_flight == 0);
}

TEST_CASE("retry controller: an attempt that was interrupted is in flight no more, and is no error",
          "[retry]") {
  Controlled one;
  const RetryController::Attempt attempt = one.begin();
  CHECK(one.report().requests_in_flight == 1);
  one.controller.interrupted(attempt);
  CHECK(one.report().requests_in_flight == 0);
  CHECK(one.report().errors == 0);
  CHECK_FALSE(one.controller.is_failing());
}

TEST_CASE("retry controller: answers are counted by what follows from them", "[retry]") {
  Controlled one;
  RetryController::Attempt attempt = one.begin();
  attempt.records = 5;
  attempt.bytes_sent = 70;
  one.controller.answered(attempt, Verdict::of(Kind::ok, 200, ""));
  attempt = one.begin();
  attempt.will_retry = true;
  one.controller.answered(attempt, refusal());
  const LaneSnapshot report = one.report();
  CHECK(report.batches == 1);
  CHECK(report.bytes_sent == 70);
  CHECK(report.errors == 1);
  CHECK(report.retries == 1);
  CHECK(report.last_error == "busy");
}
