#include "delivery/circuit_breaker.hpp"

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

constexpr CircuitBreaker::Limits kLimits{500ms, 30s, 5, 10s};

/// Small seeds all begin with almost no wait.
constexpr std::uint32_t spread(std::uint32_t seed) { return seed * 7919; }

/// Asks, fails, and says how long the gate then waits.
std::chrono::nanoseconds fail_once(CircuitBreaker& gate, ManualClock& clock,
                                   std::chrono::milliseconds at_least = 0ms,
                                   Verdict::Health health = Verdict::Health::failing) {
  const CircuitBreaker::Permit permit = gate.ask(clock.steady());
  REQUIRE(permit.go);
  gate.answered(health, permit.epoch, clock.steady(), at_least);
  const CircuitBreaker::Permit next = gate.ask(clock.steady());
  if (next.go) {
    gate.answered(Verdict::Health::unknown, next.epoch, clock.steady());
    return 0ns;
  }
  return next.again_at - clock.steady();
}

}  // namespace

TEST_CASE("gate: the wait after failure n lies within [0, base * 2^(n-1)]", "[gate]") {
  for (std::uint32_t seed = 1; seed < 50; ++seed) {
    ManualClock clock;
    CircuitBreaker gate({500ms, 3s, 0, 10s}, spread(seed));
    std::chrono::milliseconds ceiling = 500ms;
    for (int n = 0; n < 8; ++n) {
      const auto wait = fail_once(gate, clock);
      CHECK(wait >= 0ns);
      CHECK(wait <= ceiling);
      clock.advance(wait);
      ceiling = std::min<std::chrono::milliseconds>(ceiling * 2, 3s);
    }
  }
}

TEST_CASE("gate: the jitter really spreads the waits over the whole range", "[gate]") {
  int low = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    ManualClock clock;
    CircuitBreaker gate(kLimits, spread(seed));
    if (fail_once(gate, clock) < 250ms) ++low;
  }
  CHECK(low > 120);
  CHECK(low < 280);
}

TEST_CASE("gate: one refusal among many answers holds up a lane for an eighth of a second at most",
          "[gate]") {
  const auto throttled = [](CircuitBreaker& gate, ManualClock& clock) {
    return fail_once(gate, clock, 0ms, Verdict::Health::throttling);
  };
  bool second_is_longer = false;
  for (std::uint32_t seed = 1; seed < 50; ++seed) {
    ManualClock clock;
    CircuitBreaker gate(kLimits, spread(seed));
    const auto first = throttled(gate, clock);
    CHECK(first <= 125ms);
    clock.advance(first);
    second_is_longer = second_is_longer || throttled(gate, clock) > 500ms;
  }
  CHECK(second_is_longer);
}

TEST_CASE("gate: Retry-After is waited for at least", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  CHECK(fail_once(gate, clock, 7s) >= 7s);
}

TEST_CASE("gate: Retry-After counts also for the failure that opens the breaker", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate({500ms, 30s, 1, 10s}, 1);
  CHECK(fail_once(gate, clock, 90s) >= 90s);
  CHECK(gate.state() != CircuitBreaker::State::closed);
}

TEST_CASE("gate: attempts that failed side by side count once", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  std::vector<CircuitBreaker::Permit> permits;
  for (int i = 0; i < 8; ++i) permits.push_back(gate.ask(clock.steady()));
  for (const auto& permit : permits)
    gate.answered(Verdict::Health::failing, permit.epoch, clock.steady(), 0ms);
  CHECK(gate.failures() == 1);
  CHECK(gate.state() == CircuitBreaker::State::closed);
}

TEST_CASE("gate: five failures in a row open the breaker, and one probe alone may pass", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  for (int i = 0; i < 5; ++i) clock.advance(fail_once(gate, clock));
  CHECK(gate.state() == CircuitBreaker::State::open);
  const auto first = gate.ask(clock.steady());
  REQUIRE(first.go);
  gate.answered(Verdict::Health::unknown, first.epoch, clock.steady());
  CHECK(gate.state() == CircuitBreaker::State::half_open);

  SECTION("the others wait for its answer") {
    const auto probe = gate.ask(clock.steady());
    REQUIRE(probe.go);
    for (int i = 0; i < 7; ++i) {
      CHECK_FALSE(gate.ask(clock.steady()).go);
    }
    SECTION("a failed probe opens it for another interval") {
      gate.answered(Verdict::Health::failing, probe.epoch, clock.steady(), 0ms);
      CHECK(gate.state() == CircuitBreaker::State::open);
      clock.advance(9999ms);
      CHECK_FALSE(gate.ask(clock.steady()).go);
      clock.advance(1ms);
      CHECK(gate.ask(clock.steady()).go);
    }
    SECTION("a good probe closes it and resets the backoff") {
      gate.answered(Verdict::Health::good, 0, clock.steady());
      CHECK(gate.state() == CircuitBreaker::State::closed);
      CHECK(gate.failures() == 0);
      CHECK(gate.ask(clock.steady()).go);
      CHECK(fail_once(gate, clock) <= 500ms);
    }
    SECTION("a probe that was cancelled lets another one pass") {
      gate.answered(Verdict::Health::unknown, probe.epoch, clock.steady());
      CHECK(gate.ask(clock.steady()).go);
    }
  }
}

TEST_CASE("gate: attempts from before the breaker opened, failing late, let no second probe pass",
          "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  const auto early = gate.ask(clock.steady());
  for (int i = 0; i < 5; ++i) clock.advance(fail_once(gate, clock));
  REQUIRE(gate.ask(clock.steady()).go);
  SECTION("failing") { gate.answered(Verdict::Health::failing, early.epoch, clock.steady(), 0ms); }
  SECTION("throttled") {
    gate.answered(Verdict::Health::throttling, early.epoch, clock.steady(), 0ms);
  }
  SECTION("held") {
    gate.answered(Verdict::Health::needs_operator, early.epoch, clock.steady(), 0ms);
  }
  SECTION("cancelled") { gate.answered(Verdict::Health::unknown, early.epoch, clock.steady()); }
  CHECK(gate.state() == CircuitBreaker::State::half_open);
  CHECK_FALSE(gate.ask(clock.steady()).go);
}

TEST_CASE("gate: throttling waits but never opens the breaker", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  for (int i = 0; i < 20; ++i) {
    const auto permit = gate.ask(clock.steady());
    REQUIRE(permit.go);
    gate.answered(Verdict::Health::throttling, permit.epoch, clock.steady(), 0ms);
    CHECK(gate.state() == CircuitBreaker::State::closed);
    clock.advance(30s);
  }
}

TEST_CASE("gate: what only the operator can mend is tried at the longest wait", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  const auto permit = gate.ask(clock.steady());
  gate.answered(Verdict::Health::needs_operator, permit.epoch, clock.steady(), 0ms);
  CHECK(gate.ask(clock.steady()).again_at - clock.steady() == 30s);
}

TEST_CASE("gate: a probe that fails opens the breaker again, however few failures there were",
          "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  const auto permit = gate.ask(clock.steady());
  gate.answered(Verdict::Health::needs_operator, permit.epoch, clock.steady(), 0ms);
  clock.advance(30s);
  const auto probe = gate.ask(clock.steady());
  REQUIRE(probe.go);
  gate.answered(Verdict::Health::failing, probe.epoch, clock.steady(), 0ms);
  CHECK(gate.state() == CircuitBreaker::State::open);
  CHECK(gate.ask(clock.steady()).again_at - clock.steady() == 10s);
}

TEST_CASE("gate: what only the operator can mend waits for Retry-After, if that is longer",
          "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  const auto permit = gate.ask(clock.steady());
  gate.answered(Verdict::Health::needs_operator, permit.epoch, clock.steady(), 90s);
  CHECK(gate.ask(clock.steady()).again_at - clock.steady() == 90s);
}

TEST_CASE("gate: an answer that is good ends the wait of those that failed before", "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  const auto failing = gate.ask(clock.steady());
  const auto good = gate.ask(clock.steady());
  gate.answered(Verdict::Health::failing, failing.epoch, clock.steady(), 7s);
  REQUIRE_FALSE(gate.ask(clock.steady()).go);
  gate.answered(Verdict::Health::good, good.epoch, clock.steady(), 0ms);
  CHECK(gate.ask(clock.steady()).go);
}

TEST_CASE("gate: at the end of the run an open breaker is probed at once and waits are short",
          "[gate]") {
  ManualClock clock;
  CircuitBreaker gate({500ms, 30s, 1, 10s}, 1);
  const auto permit = gate.ask(clock.steady());
  gate.answered(Verdict::Health::failing, permit.epoch, clock.steady(), 0ms);
  REQUIRE_FALSE(gate.ask(clock.steady()).go);
  gate.hurry(clock.steady());
  CHECK(fail_once(gate, clock) <= 500ms);
}

TEST_CASE("gate: at the end of the run the breaker still opens, so that a fallback gets the rest",
          "[gate]") {
  ManualClock clock;
  CircuitBreaker gate(kLimits, 1);
  gate.hurry(clock.steady());
  for (int i = 0; i < 5; ++i) {
    CHECK(gate.state() == CircuitBreaker::State::closed);
    const auto wait = fail_once(gate, clock);
    CHECK(wait <= 500ms);
    clock.advance(wait);
  }
  CHECK(gate.state() != CircuitBreaker::State::closed);
  CHECK(fail_once(gate, clock) <= 500ms);
}
