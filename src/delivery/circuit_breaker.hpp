#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>

#include "base/clock.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// When the workers of one lane may send: exponential backoff with full jitter and a circuit
/// breaker, shared by all of them. Pure: the caller passes the time in and does the waiting. Not
/// thread-safe: its lane guards it.
///
/// The delay before attempt n+1 is drawn evenly from [0, min(max, base × 2^n)] ("full jitter",
/// Exponential Backoff And Jitter, AWS Architecture Blog, 2015); a server's Retry-After takes
/// precedence. After `failures_to_open` failures in a row the breaker opens for `open_for`; then a
/// single worker may probe, and its answer closes the breaker or opens it again. The first success
/// resets everything.
class CircuitBreaker {
 public:
  struct Limits {
    std::chrono::milliseconds base;
    std::chrono::milliseconds max;
    std::uint32_t failures_to_open;  ///< 0: no breaker
    std::chrono::milliseconds open_for;
  };
  enum class State : std::uint8_t { closed, open, half_open };

  /// The answer of `ask`: go now, or ask again at `again_at` or when the breaker changes.
  struct Permit {
    bool go = false;
    std::uint64_t epoch = 0;  ///< to pass to answered()
    SteadyTime again_at{};
  };

  CircuitBreaker(Limits limits, std::uint32_t seed) : limits_(limits), random_(seed) {}

  /// A worker wants to send. If `go` is set, it must report back with exactly one call of
  /// `answered`.
  Permit ask(SteadyTime now);

  /// Reports how an attempt went. Failures that were under way at the same time (same epoch) count
  /// once, so that eight workers do not open the breaker eight times as fast. `throttling` waits,
  /// at most a quarter of `base` if it is the first in a row, and leaves the breaker alone;
  /// `needs_operator` opens it and waits `max` at once; `unknown` changes nothing. If `at_least` is
  /// above 0, the next wait is at least that long.
  void answered(Verdict::Health health, std::uint64_t epoch, SteadyTime now,
                std::chrono::milliseconds at_least = {});

  /// The run is ending: from now on no wait is longer than `base`, and the current wait ends at
  /// once.
  void hurry(SteadyTime now);

  /// Applies to the next waits.
  void set_limits(Limits limits) { limits_ = limits; }
  /// The current wait ends at once, and an open breaker lets its probe through.
  void retry_now(SteadyTime now) { not_before_ = std::min(not_before_, now); }

  State state() const { return state_; }
  /// "closed", "open", "half-open".
  std::string_view state_text() const;
  /// Consecutive failed epochs.
  std::uint32_t failures() const { return failures_; }

 private:
  void wait(SteadyTime now, std::chrono::milliseconds ceiling, std::chrono::milliseconds at_least);
  void failed(SteadyTime now, std::chrono::milliseconds at_least);
  std::chrono::milliseconds backoff() const;

  Limits limits_;
  std::minstd_rand random_;
  State state_ = State::closed;
  bool probing_ = false;
  bool hurrying_ = false;
  std::uint32_t failures_ = 0;
  std::uint64_t epoch_ = 0;
  SteadyTime not_before_{};
};

}  // namespace ship
