#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace ship {

/// A moment on the steady clock: for timeouts, backoff and latency. Never goes backwards.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Nanoseconds since 1970-01-01T00:00:00Z, the unit of all wall-clock times in the program.
using WallNanos = std::int64_t;

/// The seam for time. Tests pass a ManualClock; the product passes `system_clock()`.
/// Every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  /// May jump when an operator sets the clock; used only for times that people and servers read.
  virtual WallNanos wall() const = 0;
  /// Waits on `changed` until it is notified or `until` has come (`SteadyTime::max()`: no limit).
  /// `lock` is released meanwhile. May return early, so the caller must check again.
  virtual void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                          SteadyTime until) = 0;
};

/// The machine's own clocks. Lives as long as the program.
Clock& system_clock();

}  // namespace ship
