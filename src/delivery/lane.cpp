#include "delivery/lane.hpp"

#include <algorithm>
#include <random>

namespace ship {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

SendGate::Limits gate_limits(const DeliverySettings& delivery) {
  return {delivery.retry_base, delivery.retry_max, delivery.breaker_failures,
          delivery.breaker_interval};
}

}  // namespace

Lane::Lane(const SinkSettings& settings, Clock& clock, LogFunction log,
           std::function<void()> on_ended)
    : settings_(settings),
      protected_levels_(settings.queue.protected_levels),
      levels_(settings.levels),
      clock_(clock),
      started_(clock.steady()),
      on_ended_(std::move(on_ended)),
      queue_({settings.queue.size, settings.queue.max_bytes, settings.queue.drop}),
      gate_(gate_limits(settings.delivery), std::random_device{}()),
      workers_running_(settings.delivery.workers),
      errors_(settings.name, std::move(log)) {
  books_.name = settings.name;
  books_.type = std::string(settings.type());
  books_.queue_size = settings.queue.size;
  books_.queue_max_bytes = settings.queue.max_bytes;
}

std::uint32_t Lane::to_arrival_ms(SteadyTime time) const {
  return static_cast<std::uint32_t>(duration_cast<milliseconds>(time - started_).count());
}

bool Lane::wants(const Record& record) const {
  if (settings_.filter.min_level && record.level.severity < *settings_.filter.min_level)
    return false;
  return levels_.empty() || levels_.contains(record.level, record.level_name());
}

void Lane::submit(std::span<const Record> records) { take_over(records, false); }

void Lane::submit_diverted(std::span<const Record> records) { take_over(records, true); }

void Lane::take_over(std::span<const Record> records, bool diverted) {
  const SteadyTime now = clock_.steady();
  bool wake_worker = false;
  {
    std::unique_lock lock(mutex_);
    const bool was_empty = queue_.depth() == 0;
    for (const Record& record : records) {
      ++counts_.submitted;
      if (!diverted && !wants(record)) {
        ++counts_.filtered;
        continue;
      }
      push(lock, record, now);
    }
    SteadyTime due_at;
    wake_worker = workers_waiting_ > 0 && queue_.depth() > 0 && (was_empty || due(now, due_at));
  }
  if (wake_worker) work_.notify_one();
}

void Lane::push(std::unique_lock<std::mutex>& lock, const Record& record, SteadyTime now) {
  const bool is_protected = protected_levels_.contains(record.level, record.level_name());
  if (is_protected) ++counts_.protected_records.submitted;
  // Counted at once, so that a snapshot taken while this thread waits for room balances too.
  ++counts_.pending;
  if (is_protected) ++pending_protected_;

  const std::size_t size = record.line.size();
  const bool block = !settings_.queue.drop_on_full;
  // In block mode a record larger than the whole queue goes in alone; it would wait for ever.
  const auto has_room = [&] {
    return stopped_ || queue_.has_room(size) || (block && queue_.depth() == 0);
  };
  const bool was_abandoned = abandoned_;
  if (!has_room() && (block || settings_.queue.wait.count() > 0)) {
    work_.notify_all();
    ++readers_waiting_;
    if (block) {
      room_.wait(lock, has_room);
    } else {
      room_.wait_until(lock, now + settings_.queue.wait, has_room);
    }
    --readers_waiting_;
  }

  Evictions evictions;
  bool accepted = !stopped_;
  if (accepted && block) {
    queue_.push_always(record, is_protected, to_arrival_ms(now));
  } else if (accepted) {
    accepted = queue_.push(record, is_protected, to_arrival_ms(now), evictions);
  }
  if (evictions.total > 0) {
    count_dropped(DropReason::evicted, evictions.total, 0);
    for (std::size_t s = 0; s < evictions.by_severity.size(); ++s) {
      counts_.evicted_by_severity[s] += evictions.by_severity[s];
    }
  }
  // Where the lane was abandoned while this thread waited, the record has been counted already.
  if (!accepted && abandoned_ == was_abandoned) {
    count_dropped(stopped_ ? DropReason::shutdown : DropReason::queue_full, 1, is_protected);
  }
  books_.queue_depth_high_watermark = std::max(books_.queue_depth_high_watermark, queue_.depth());
}

void Lane::count_dropped(DropReason reason, std::uint64_t records,
                         std::uint64_t protected_records) {
  counts_.dropped[static_cast<std::size_t>(reason)] += records;
  counts_.protected_records.dropped += protected_records;
  counts_.pending -= records;
  pending_protected_ -= protected_records;
}

bool Lane::due(SteadyTime now, SteadyTime& due_at) const {
  due_at = SteadyTime::max();
  const Slot* oldest = queue_.oldest();
  if (!oldest) return false;
  const DeliverySettings& delivery = settings_.delivery;
  if (closed_ || drain_deadline_ || queue_.depth() >= delivery.batch_size ||
      queue_.bytes() >= delivery.batch_max_bytes || readers_waiting_ > 0) {
    return true;
  }
  const milliseconds waited{to_arrival_ms(now) - oldest->arrival_ms};
  due_at = now + (delivery.batch_timeout - waited);
  return waited >= delivery.batch_timeout;
}

Lane::Taken Lane::take(Batch& batch, std::optional<SteadyTime> wake_at,
                       std::uint64_t& reopen_seen) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return Taken::ended;
    if (reopen_seen != reopen_generation_) {
      reopen_seen = reopen_generation_;
      return Taken::reopen;
    }
    const SteadyTime now = clock_.steady();
    SteadyTime wait_until = SteadyTime::max();
    if (due(now, wait_until)) break;
    if (closed_ && queue_.depth() == 0) return Taken::ended;
    if (wake_at && now >= *wake_at) return Taken::wake;
    if (wake_at) wait_until = std::min(wait_until, *wake_at);
    ++workers_waiting_;
    if (wait_until == SteadyTime::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, wait_until);
    }
    --workers_waiting_;
  }
  const bool protected_first = clock_.steady() >= protected_first_from_;
  queue_.take(settings_.delivery.batch_size, settings_.delivery.batch_max_bytes,
              protected_first ? Queue::Order::protected_first : Queue::Order::arrival, batch);
  counts_.in_flight += batch.size();
  const bool wake_reader = readers_waiting_ > 0;
  const bool wake_worker = workers_waiting_ > 0 && queue_.depth() > 0;
  lock.unlock();
  if (wake_reader) room_.notify_all();
  if (wake_worker) work_.notify_one();
  return Taken::batch;
}

void Lane::settle(const Batch& batch, std::size_t begin, std::size_t end, Outcome outcome) {
  const std::uint64_t records = end - begin;
  std::uint64_t protected_records = 0;
  for (std::size_t i = begin; i < end; ++i) protected_records += batch.slot(i).is_protected;
  const std::lock_guard lock(mutex_);
  if (abandoned_) return;
  counts_.in_flight -= records;
  if (outcome == Outcome::rejected || outcome == Outcome::expired) {
    count_dropped(outcome == Outcome::rejected ? DropReason::rejected : DropReason::expired,
                  records, protected_records);
    return;
  }
  counts_.pending -= records;
  pending_protected_ -= protected_records;
  switch (outcome) {
    case Outcome::delivered:
      counts_.delivered += records;
      counts_.protected_records.delivered += protected_records;
      break;
    case Outcome::dead_lettered:
      counts_.dead_lettered += records;
      break;
    case Outcome::diverted:
      counts_.diverted += records;
      break;
    case Outcome::rejected:
    case Outcome::expired:
      break;
  }
}

void Lane::release(Batch& batch) {
  const std::lock_guard lock(mutex_);
  queue_.release(batch);
}

Lane::Turn Lane::wait_for_turn(SendGate::Permit& permit) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_) return Turn::stopped;
    permit = gate_.ask(clock_.steady());
    if (permit.go) return Turn::send;
    if (fallback_ && gate_.state() != SendGate::State::closed) return Turn::divert;
    ++workers_waiting_;
    if (permit.again_at == SteadyTime::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, permit.again_at);
    }
    --workers_waiting_;
  }
}

void Lane::divert(const Batch& batch, std::size_t begin, std::size_t end) {
  fallback_->submit_diverted(batch.records(begin, end));
  settle(batch, begin, end, Outcome::diverted);
}

void Lane::report_success(const Attempt& attempt) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = gate_.failures() > 0;
    gate_.succeeded();
    ++books_.batches;
    books_.bytes_sent += attempt.bytes_sent;
    books_.flush_seconds.add(attempt.seconds);
  }
  errors_.recovered();
  if (wake) work_.notify_all();
}

void Lane::report_failure(const Attempt& attempt, Failure failure, milliseconds retry_after,
                          const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    books_.flush_seconds.add(attempt.seconds);
    books_.bytes_sent += attempt.bytes_sent;
    switch (failure) {
      case Failure::failing:
        gate_.failed(attempt.permit.epoch, now, retry_after);
        break;
      case Failure::throttling:
        gate_.throttled(attempt.permit.epoch, now, retry_after);
        break;
      case Failure::needs_operator:
        gate_.held(attempt.permit.epoch, now, retry_after);
        break;
      case Failure::refused:
        gate_.succeeded();
        break;
      case Failure::cancelled:
        gate_.cancelled();
        break;
    }
    if (failure != Failure::cancelled) {
      ++books_.errors;
      books_.last_error = reason;
      if (attempt.will_retry) ++books_.retries;
    }
  }
  if (failure != Failure::cancelled) errors_.failed(reason, attempt.will_retry);
  // A worker that waits for the probe's answer must look again.
  work_.notify_all();
}

void Lane::worker_ended() {
  {
    const std::lock_guard lock(mutex_);
    if (--workers_running_ > 0) return;
  }
  on_ended_();
}

bool Lane::ended() const {
  const std::lock_guard lock(mutex_);
  return workers_running_ == 0;
}

void Lane::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  work_.notify_all();
}

void Lane::begin_drain(SteadyTime deadline) {
  const std::lock_guard lock(mutex_);
  if (drain_deadline_) return;
  const SteadyTime now = clock_.steady();
  drain_deadline_ = deadline;
  protected_first_from_ = now + (deadline - now) / 2;
  gate_.hurry(now);
  work_.notify_all();
}

void Lane::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    work_.notify_all();
    room_.notify_all();
  }
  stop_source_.request_stop();
}

void Lane::abandon() {
  const std::lock_guard lock(mutex_);
  if (abandoned_) return;
  abandoned_ = true;
  count_dropped(DropReason::shutdown, counts_.pending, pending_protected_);
  counts_.in_flight = 0;
}

void Lane::request_reopen() {
  const std::lock_guard lock(mutex_);
  ++reopen_generation_;
  work_.notify_all();
}

LaneSnapshot Lane::snapshot() const {
  const std::lock_guard lock(mutex_);
  LaneSnapshot snapshot = books_;
  snapshot.counts = counts_;
  snapshot.queue_depth = queue_.depth();
  snapshot.queue_bytes = queue_.bytes();
  snapshot.breaker = std::string(gate_.state_text());
  return snapshot;
}

}  // namespace ship
