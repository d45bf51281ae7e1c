#include <algorithm>

#include "delivery/lane.hpp"

// The lane's queue in memory: what goes in, when there is room for it, and what comes out.

namespace ship {

void Lane::push(std::unique_lock<std::mutex>& lock, const Record& record, SteadyTime now,
                Arrivals& arrivals) {
  const bool is_protected = protected_levels_.contains(record.level, record.level_name());
  arrivals.entered.add(is_protected);

  const bool was_abandoned = abandoned_;
  wait_for_room(lock, record.line.size(), now, arrivals);

  bool accepted = !stopped_;
  if (accepted && !settings_.queue.drop_on_full) {
    queue_.push_always(record, is_protected, arrivals.arrival_ms);
  } else if (accepted) {
    accepted = queue_.push(record, is_protected, arrivals.arrival_ms, arrivals.evictions);
  }
  // Where the lane was abandoned while this thread waited, the record has been counted already.
  if (!accepted && abandoned_ == was_abandoned) arrivals.dropped.add(is_protected);
  arrivals.highest_depth = std::max(arrivals.highest_depth, queue_.depth());
}

void Lane::enter(Arrivals& arrivals) {
  ledger_.entered(arrivals.entered);
  if (arrivals.evictions.total > 0) ledger_.evicted(arrivals.evictions.by_severity);
  // The lane can only have been stopped while the lock was let go: nothing was left to enter then.
  ledger_.dropped(stopped_ ? DropReason::shutdown : DropReason::queue_full, arrivals.dropped);
  depth_high_watermark_ = std::max(depth_high_watermark_, arrivals.highest_depth);
  arrivals.entered = arrivals.dropped = Tally();
  if (arrivals.evictions.total > 0) arrivals.evictions = Evictions();
}

void Lane::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t size, SteadyTime now,
                         Arrivals& arrivals) {
  bool patient = true;
  while (!stopped_ && !retired_ && !queue_.has_room(size)) {
    const QueueSettings& queue = settings_.queue;
    const bool block = !queue.drop_on_full;
    // In block mode a record larger than the whole queue goes in alone; it would wait for ever.
    if (block ? queue_.depth() == 0 : queue.wait.count() == 0 || !patient) return;
    // A snapshot taken while this thread waits must balance too.
    enter(arrivals);
    work_.notify_all();
    spill_.notify_all();
    ++readers_waiting_;
    if (block) {
      room_.wait(lock);
    } else {
      patient = room_.wait_until(lock, now + queue.wait) == std::cv_status::no_timeout;
    }
    --readers_waiting_;
  }
}

void Lane::take_from_queue(Batch& batch, Queue::Order order, SteadyTime now) {
  const std::uint32_t before = fill();
  queue_.take(settings_.delivery.batch_size, settings_.delivery.batch_max_bytes, order, batch);
  history_.taken(batch.size(), before, fill(), now);
}

std::uint32_t Lane::fill() const {
  const Queue::Limits& limits = queue_.limits();
  const std::uint64_t records = queue_.depth() * 1000 / std::max<std::uint64_t>(limits.records, 1);
  const std::uint64_t bytes = queue_.bytes() * 1000 / std::max<std::uint64_t>(limits.bytes, 1);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max(records, bytes), 1000));
}

}  // namespace ship
