#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/clock.hpp"

namespace ship {

/// A clock that stands still until a test moves it. Who waits by it wakes when it has been moved.
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
  void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  SteadyTime until) override {
    {
      const std::lock_guard own(mutex_);
      if (until <= steady_) return;
      waiters_.push_back({&changed, lock.mutex()});
    }
    waiting_.notify_all();
    changed.wait(lock);
    const std::lock_guard own(mutex_);
    waiters_.erase(std::find_if(waiters_.begin(), waiters_.end(),
                                [&](const Waiter& one) { return one.changed == &changed; }));
  }
  void advance(std::chrono::nanoseconds by) {
    std::vector<Waiter> waiters;
    {
      const std::lock_guard lock(mutex_);
      steady_ += by;
      wall_ += by.count();
      waiters = waiters_;
    }
    for (const Waiter& one : waiters) {
      // Who has its mutex still may be about to wait: the notice must come after that.
      const std::lock_guard theirs(*one.mutex);
      one.changed->notify_all();
    }
  }
  void set_wall(WallNanos wall) {
    const std::lock_guard lock(mutex_);
    wall_ = wall;
  }
  /// Returns once `n` threads wait by this clock. What they wait on outlives the next `advance`.
  void wait_for_waiters(std::size_t n) {
    std::unique_lock lock(mutex_);
    waiting_.wait(lock, [&] { return waiters_.size() >= n; });
  }

 private:
  struct Waiter {
    std::condition_variable* changed = nullptr;
    std::mutex* mutex = nullptr;
  };
  mutable std::mutex mutex_;
  std::condition_variable waiting_;
  std::vector<Waiter> waiters_;
  SteadyTime steady_{std::chrono::hours(1)};
  WallNanos wall_ = 1763800000000000000;
};

}  // namespace ship
