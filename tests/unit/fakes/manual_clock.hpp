#pragma once

#include <mutex>

#include "base/clock.hpp"

namespace ship {

/// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  SteadyTime steady() const override {
    const std::lock_guard lock(mutex_);
    return steady_;
  }
  WallNanos wall() const override {
    const std::lock_guard lock(mutex_);
    return wall_;
  }
  void advance(std::chrono::nanoseconds by) {
    const std::lock_guard lock(mutex_);
    steady_ += by;
    wall_ += by.count();
  }
  void set_wall(WallNanos wall) {
    const std::lock_guard lock(mutex_);
    wall_ = wall;
  }

 private:
  mutable std::mutex mutex_;
  SteadyTime steady_{std::chrono::hours(1)};
  WallNanos wall_ = 1763800000000000000;
};

}  // namespace ship
