#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace ship {

/// How long the input of one lane waits for its spool. While bytes reach the disk, a burst larger
/// than the queue is paced to the disk, however long that takes. If a disk takes nothing for
/// `wait`, the input stops waiting for it until the queue has fallen to half. Pure: the caller
/// passes the time in and does the waiting. Not thread-safe.
class SpoolPatience {
 public:
  /// The queue has no room at `now`, and the spool has written `written` bytes in all. Returns when
  /// to ask again at the latest; none: do not wait.
  std::optional<SteadyTime> wait_until(SteadyTime now, std::uint64_t written,
                                       std::chrono::milliseconds wait) {
    if (spent_ || wait.count() == 0) return std::nullopt;
    if (!waiting_ || written != written_) since_ = now;
    waiting_ = true;
    written_ = written;
    // Polling is the only way to see what the disk has taken.
    if (now - since_ < wait) return std::min(since_ + wait, now + std::max(wait / 4, kLook));
    spent_ = true;
    return std::nullopt;
  }
  /// The queue has room again.
  void has_room() { waiting_ = false; }
  /// The queue has fallen to half: the disk gets another chance.
  void fell_to_half() { spent_ = false; }
  bool is_spent() const { return spent_; }

 private:
  static constexpr std::chrono::milliseconds kLook{1};

  bool waiting_ = false;
  bool spent_ = false;
  SteadyTime since_{};  ///< waiting: when the disk was last seen to take something, or when waiting
                        ///< began
  std::uint64_t written_ = 0;
};

}  // namespace ship
