#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace ship {

/// What happened while a queue was too full: from a record that found no room until half the queue
/// was free again. Sums over all such periods.
struct Overflow {
  double seconds = 0;
  std::uint64_t arrived = 0;        ///< records that the queue was asked to take
  std::uint64_t taken = 0;          ///< records that left it for the sink or the disk
  std::uint64_t worst_dropped = 0;  ///< dropped in the worst such period
  std::uint64_t worst_arrived = 0;  ///< in the same period
  double worst_seconds = 0;
};

/// How full a queue was in the last two minutes, and how often it was too full. Fed by every push
/// and take: nothing changes between two events, so no timer is needed and the peak of each slot is
/// exact. Fullness is in thousandths of the queue's bound on records or bytes, whichever is closer.
/// Each call costs a few nanoseconds. Not thread-safe: its lane guards it.
class QueueHistory {
 public:
  static constexpr std::size_t kSlots = 40;
  static constexpr std::chrono::milliseconds kSlot{3000};

  explicit QueueHistory(SteadyTime start) : start_(start) {}

  /// `arrived` records were to go in, and `dropped` old or new ones had to give way; `fill` is how
  /// full it is now.
  void put(std::uint64_t arrived, std::uint64_t dropped, std::uint32_t fill, SteadyTime now);
  /// `records` left; `before` and `fill` are how full it was and is now.
  void taken(std::uint64_t records, std::uint32_t before, std::uint32_t fill, SteadyTime now);

  /// The peak of each slot since the start, at most kSlots of them, the current one last.
  std::vector<std::uint32_t> peaks(SteadyTime now) const;
  /// Includes the current period, if the queue is too full right now.
  Overflow overflow(SteadyTime now) const;

 private:
  std::uint64_t slot_of(SteadyTime time) const;
  void note(std::uint32_t fill, SteadyTime now);
  void end_overflow(SteadyTime now);

  SteadyTime start_;
  std::array<std::uint32_t, kSlots> peaks_{};
  std::uint64_t slot_ = 0;  ///< the slot of the last event
  std::uint32_t fill_ = 0;
  bool overflowing_ = false;
  SteadyTime since_{};
  Overflow present_;  ///< without seconds
  Overflow sum_;
};

}  // namespace ship
