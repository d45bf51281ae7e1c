#include "stats/queue_history.hpp"

#include <algorithm>

namespace ship {
namespace {

constexpr std::uint32_t kHalf = 500;

}  // namespace

std::uint64_t QueueHistory::slot_of(SteadyTime time) const {
  return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / kSlot);
}

void QueueHistory::note(std::uint32_t fill, SteadyTime now) {
  const std::uint64_t slot = std::max(slot_, slot_of(now));
  // In the slots in between, and at the start of this one, the queue was as full as after the last
  // event.
  for (std::uint64_t i = std::max(slot_ + 1, slot < kSlots ? 0 : slot - kSlots + 1); i <= slot;
       ++i) {
    peaks_[i % kSlots] = fill_;
  }
  slot_ = slot;
  peaks_[slot % kSlots] = std::max(peaks_[slot % kSlots], fill);
  fill_ = fill;
}

void QueueHistory::put(std::uint64_t arrived, std::uint64_t dropped, std::uint32_t fill,
                       SteadyTime now) {
  note(fill, now);
  if (dropped > 0 && !overflowing_) {
    overflowing_ = true;
    since_ = now;
    present_ = Overflow();
  }
  if (!overflowing_) return;
  present_.arrived += arrived;
  present_.worst_dropped += dropped;
  if (fill <= kHalf) end_overflow(now);
}

void QueueHistory::taken(std::uint64_t records, std::uint32_t before, std::uint32_t fill,
                         SteadyTime now) {
  note(before, now);
  note(fill, now);
  if (!overflowing_) return;
  present_.taken += records;
  if (fill <= kHalf) end_overflow(now);
}

void QueueHistory::end_overflow(SteadyTime now) {
  sum_ = overflow(now);
  overflowing_ = false;
}

std::vector<std::uint32_t> QueueHistory::peaks(SteadyTime now) const {
  QueueHistory until_now = *this;
  until_now.note(fill_, now);
  std::vector<std::uint32_t> peaks;
  const std::uint64_t last = until_now.slot_;
  for (std::uint64_t i = last < kSlots ? 0 : last - kSlots + 1; i <= last; ++i) {
    peaks.push_back(until_now.peaks_[i % kSlots]);
  }
  return peaks;
}

Overflow QueueHistory::overflow(SteadyTime now) const {
  Overflow sum = sum_;
  if (!overflowing_) return sum;
  const double seconds = std::chrono::duration<double>(now - since_).count();
  sum.seconds += seconds;
  sum.arrived += present_.arrived;
  sum.taken += present_.taken;
  if (present_.worst_dropped > sum.worst_dropped) {
    sum.worst_dropped = present_.worst_dropped;
    sum.worst_arrived = present_.arrived;
    sum.worst_seconds = seconds;
  }
  return sum;
}

}  // namespace ship
