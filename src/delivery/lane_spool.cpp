#include <algorithm>
#include <numeric>

#include "delivery/lane.hpp"

// The lane between memory and disk: what moves to the spool and back. The disk is only ever touched
// without the lane's mutex.

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a disk that could not be read is left alone: order is kept so long.
constexpr milliseconds kReadPause{1000};
/// How long one that could not be written is: the queue fills meanwhile.
constexpr milliseconds kWritePause{200};
/// How long the spooler waits for workers that were stopped, before it saves what is left without
/// them.
constexpr milliseconds kWorkerGrace{150};
/// How long after the stop a failed attempt to save is made again.
constexpr milliseconds kSaveRetries{500};
/// What one append takes, so that a disk with slow syncs has few of them.
constexpr std::size_t kGroupRecords = 4096;
constexpr std::size_t kGroupBytes = 4u << 20;

bool is_enough(const std::vector<Batch>& group) {
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (const Batch& batch : group) {
    records += batch.size();
    for (const Record& record : batch.records(0, batch.size())) bytes += record.line.size();
  }
  return records >= kGroupRecords || bytes >= kGroupBytes;
}

}  // namespace

bool Lane::take_from_disk(InFlightBatch& in_flight, const SpoolTakeLimits& limits) {
  const SpoolEvents events = spool_->take(limits, in_flight.disk_);
  in_flight.from_disk_ = true;
  note(events);
  const Tally tally = in_flight.tally(0, in_flight.size());
  const std::lock_guard lock(mutex_);
  if (events.error) disk_retry_at_ = clock_.steady() + kReadPause;
  if (abandoned_) return !in_flight.disk_.empty();
  ledger_.taken_from_disk(tally);
  unread_since_ = spool_->has_unread() ? std::optional(clock_.steady()) : std::nullopt;
  return !in_flight.disk_.empty();
}

void Lane::give_back_to_disk(InFlightBatch& in_flight, std::size_t finished) {
  const Tally left = in_flight.tally(finished, in_flight.size());
  {
    const std::lock_guard lock(mutex_);
    if (!abandoned_) ledger_.left_on_disk(left);
  }
  note(spool_->settle(in_flight.disk_, finished));
  const std::lock_guard lock(mutex_);
  if (!unread_since_ && spool_->has_unread()) unread_since_ = clock_.steady();
  work_.notify_all();
}

bool Lane::must_spool(SteadyTime now, SteadyTime& look_again) const {
  if (queue_.depth() == 0 && held_.empty()) return false;
  const bool wanted = !held_.empty() || settings_.spool.mode == SpoolMode::durable ||
                      queue_.depth() >= (settings_.queue.size + 1) / 2 ||
                      queue_.bytes() >= settings_.queue.max_bytes / 2;
  if (!wanted) return false;
  if (now >= spool_retry_at_) return true;
  look_again = std::min(look_again, spool_retry_at_);
  return false;
}

bool Lane::take_for_spool(std::vector<Batch>& group) {
  group.clear();
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return take_left_behind(lock, group);
    if (closed_ && workers_running_ == 0) return false;
    SteadyTime wait_until = SteadyTime::max();
    if (must_spool(clock_.steady(), wait_until)) break;
    if (wait_until == SteadyTime::max()) {
      spill_.wait(lock);
    } else {
      spill_.wait_until(lock, wait_until);
    }
  }
  spooler_busy_ = true;
  bool more = true;
  while (more) {
    if (!held_.empty()) {
      group.push_back(std::move(held_.front()));
      held_.pop_front();
    } else {
      take_from_queue(group.emplace_back(), Queue::Order::arrival, clock_.steady());
    }
    const bool wake_reader = readers_waiting_ > 0;
    // One batch at a time: the reader waits for this lock.
    lock.unlock();
    if (wake_reader) room_.notify_all();
    if (is_enough(group)) break;
    lock.lock();
    SteadyTime ignored = SteadyTime::max();
    more = !stopped_ && must_spool(clock_.steady(), ignored);
  }
  return true;
}

bool Lane::take_left_behind(std::unique_lock<std::mutex>& lock, std::vector<Batch>& group) {
  // Workers give back within the grace what they could not deliver; one that hangs keeps it.
  spill_.wait_until(lock, stopped_at_ + kWorkerGrace, [&] { return workers_running_ == 0; });
  // A disk that fails gets another chance or two, as far as the end leaves time for them.
  if (unfinished_.empty() && held_.empty() && queue_.depth() == 0) return false;
  if (spool_retry_at_ > stopped_at_ + kSaveRetries) return false;
  while (clock_.steady() < spool_retry_at_) spill_.wait_until(lock, spool_retry_at_);
  spooler_busy_ = true;
  while (!is_enough(group)) {
    if (!unfinished_.empty()) {
      group.push_back(std::move(unfinished_.back()));
      unfinished_.pop_back();
    } else if (!held_.empty()) {
      group.push_back(std::move(held_.front()));
      held_.pop_front();
    } else if (queue_.depth() > 0) {
      take_from_queue(group.emplace_back(), Queue::Order::protected_first, clock_.steady());
    } else {
      break;
    }
  }
  return !group.empty();
}

void Lane::spooled(std::vector<Batch>& group, const SpoolAppend& result) {
  note(result.events);
  if (!result.failed.empty()) {
    spool_errors_.failed(result.events.error ? result.events.error->message : "cannot write", true);
  } else {
    spool_errors_.recovered();
  }
  auto next_refused = result.refused.begin();
  auto next_failed = result.failed.begin();
  std::uint32_t index = 0;
  for (Batch& batch : group) {
    Tally stored;
    Tally refused;
    std::vector<std::uint32_t> failed;
    for (std::uint32_t i = 0; i < batch.size(); ++i, ++index) {
      if (next_refused != result.refused.end() && *next_refused == index) {
        ++next_refused;
        refused.add(batch.is_protected(i));
      } else if (next_failed != result.failed.end() && *next_failed == index) {
        ++next_failed;
        failed.push_back(i);
      } else {
        stored.add(batch.is_protected(i));
      }
    }
    if (!failed.empty()) batch.move_to_front(0, batch.size(), failed);
    const std::lock_guard lock(mutex_);
    if (!abandoned_) {
      ledger_.spooled(stored);
      ledger_.dropped(DropReason::queue_full, refused);
    }
    queue_.release(batch, failed.size(), batch.size());
    if (!batch.empty()) held_.push_back(std::move(batch));
  }
  group.clear();
  {
    const std::lock_guard lock(mutex_);
    spooler_busy_ = false;
    if (!result.failed.empty()) spool_retry_at_ = clock_.steady() + kWritePause;
    if (!unread_since_ && spool_->has_unread()) unread_since_ = clock_.steady();
  }
  work_.notify_all();
}

bool Lane::workers_ended() const {
  const std::lock_guard lock(mutex_);
  return workers_running_ == 0;
}

void Lane::spooler_ended() {
  {
    const std::lock_guard lock(mutex_);
    spooler_running_ = false;
    spooler_busy_ = false;
  }
  on_change_();
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
