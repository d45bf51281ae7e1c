#include <algorithm>
#include <numeric>

#include "delivery/lane.hpp"

// The lane between memory and disk: what moves to the spool and back. The disk is only ever touched
// without the lane's mutex.

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a disk that failed is left alone.
constexpr milliseconds kDiskPause{1000};
/// How long the spooler waits for workers that were stopped, before it saves what is left without
/// them.
constexpr milliseconds kWorkerGrace{150};

}  // namespace

bool Lane::take_from_disk(Shipment& shipment, bool protected_first) {
  SpoolTakeLimits limits;
  limits.max_records = settings_.delivery.batch_size;
  limits.max_bytes = settings_.delivery.batch_max_bytes;
  limits.protected_first = protected_first;
  const SpoolEvents events = spool_->take(limits, shipment.disk_);
  shipment.from_disk_ = true;
  note(events);
  const Tally tally = shipment.tally(0, shipment.size());
  const std::lock_guard lock(mutex_);
  if (events.error) disk_retry_at_ = clock_.steady() + kDiskPause;
  if (abandoned_) return !shipment.disk_.empty();
  ledger_.taken_from_disk(tally);
  unread_since_ = spool_->has_unread() ? std::optional(clock_.steady()) : std::nullopt;
  return !shipment.disk_.empty();
}

void Lane::give_back_to_disk(Shipment& shipment, std::size_t finished) {
  const Tally left = shipment.tally(finished, shipment.size());
  {
    const std::lock_guard lock(mutex_);
    if (!abandoned_) ledger_.left_on_disk(left);
  }
  note(spool_->settle(shipment.disk_, finished));
}

bool Lane::must_spool(SteadyTime now, SteadyTime& look_again) const {
  if (queue_.depth() == 0 || !held_.empty()) return false;
  const bool wanted = settings_.spool.mode == SpoolMode::durable ||
                      queue_.depth() >= (settings_.queue.size + 1) / 2 ||
                      queue_.bytes() >= settings_.queue.max_bytes / 2;
  if (!wanted) return false;
  if (now >= spool_retry_at_) return true;
  look_again = std::min(look_again, spool_retry_at_);
  return false;
}

bool Lane::take_for_spool(Batch& batch) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return take_left_behind(lock, batch);
    if (closed_ && workers_running_ == 0) return false;
    SteadyTime wait_until = SteadyTime::max();
    if (must_spool(clock_.steady(), wait_until)) break;
    if (wait_until == SteadyTime::max()) {
      spill_.wait(lock);
    } else {
      spill_.wait_until(lock, wait_until);
    }
  }
  queue_.take(settings_.delivery.batch_size, settings_.delivery.batch_max_bytes,
              Queue::Order::arrival, batch);
  spooler_busy_ = true;
  const bool wake_reader = readers_waiting_ > 0;
  lock.unlock();
  if (wake_reader) room_.notify_all();
  return true;
}

bool Lane::take_left_behind(std::unique_lock<std::mutex>& lock, Batch& batch) {
  // Workers give back within the grace what they could not deliver; one that hangs keeps it.
  spill_.wait_until(lock, stopped_at_ + kWorkerGrace, [&] { return workers_running_ == 0; });
  if (clock_.steady() < spool_retry_at_) return false;
  spooler_busy_ = true;
  if (!unfinished_.empty()) {
    batch = std::move(unfinished_.back());
    unfinished_.pop_back();
  } else if (!held_.empty()) {
    std::swap(batch, held_);
  } else {
    queue_.take(settings_.delivery.batch_size, settings_.delivery.batch_max_bytes,
                Queue::Order::protected_first, batch);
  }
  return !batch.empty();
}

void Lane::spooled(Batch& batch, const SpoolAppend& result) {
  note(result.events);
  if (!result.failed.empty()) {
    spool_errors_.failed(result.events.error ? result.events.error->message : "cannot write", true);
  } else {
    spool_errors_.recovered();
  }
  {
    const std::lock_guard lock(mutex_);
    spooler_busy_ = false;
    Tally stored;
    Tally refused;
    auto next_refused = result.refused.begin();
    auto next_failed = result.failed.begin();
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      if (next_refused != result.refused.end() && *next_refused == i) {
        ++next_refused;
        refused.add(batch.is_protected(i));
      } else if (next_failed != result.failed.end() && *next_failed == i) {
        ++next_failed;
      } else {
        stored.add(batch.is_protected(i));
      }
    }
    if (!abandoned_) {
      ledger_.spooled(stored);
      ledger_.dropped(DropReason::queue_full, refused);
    }
    if (!result.failed.empty()) {
      batch.move_to_front(0, batch.size(), result.failed);
      queue_.release(batch, result.failed.size(), batch.size());
      std::swap(batch, held_);
      spool_retry_at_ = clock_.steady() + kDiskPause;
    } else {
      queue_.release(batch, 0, batch.size());
    }
    if (!unread_since_ && spool_->has_unread()) unread_since_ = clock_.steady();
  }
  work_.notify_all();
}

bool Lane::workers_ended() const {
  const std::lock_guard lock(mutex_);
  return workers_running_ == 0;
}

void Lane::spooler_ended() {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    spooler_running_ = false;
    spooler_busy_ = false;
    last = workers_running_ == 0;
  }
  if (last) on_ended_();
}

void Lane::note(const SpoolEvents& events) {
  for (const std::string& message : events.messages) spool_errors_.say(message);
  if (events.lost.empty()) return;
  const std::lock_guard lock(mutex_);
  if (abandoned_) return;
  for (const SpoolLoss& loss : events.lost) {
    const Tally tally{loss.records, loss.kind.is_protected ? loss.records : 0};
    ledger_.lost_on_disk(
        loss.reason == SpoolLoss::Reason::evicted ? DropReason::evicted : DropReason::damaged,
        tally);
  }
}

}  // namespace ship
