#include "delivery/lane.hpp"

#include <algorithm>

namespace ship {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Lane::Lane(const SinkSettings& settings, Clock& clock, LogFunction log,
           std::unique_ptr<Spool> spool, std::function<void()> on_change)
    : name_(settings.name),
      clock_(clock),
      started_(clock.steady()),
      on_change_(std::move(on_change)),
      spool_(std::move(spool)),
      settings_(settings),
      protected_levels_(settings.queue.protected_levels),
      levels_(settings.levels, settings.levels_elsewhere),
      queue_({settings.queue.size, settings.queue.max_bytes, settings.queue.drop},
             spool_ ? spool_->next_sequence() : 1),
      history_(started_),
      workers_running_(settings.delivery.workers),
      spooler_running_(spool_ != nullptr),
      retry_(settings, clock, log),
      spool_errors_("sink " + settings.name + ": spool", log) {
  if (!spool_) return;
  const SpoolCounts counts = spool_->counts();
  ledger_.recovered({counts.records, counts.protected_records});
  if (counts.records > 0) unread_since_ = started_;
}

Lane::~Lane() {
  // What nobody delivered still pins the queue's memory.
  for (Batch& batch : held_) queue_.release(batch, 0, batch.size());
  for (Batch& batch : unfinished_) queue_.release(batch, 0, batch.size());
}

std::uint32_t Lane::to_arrival_ms(SteadyTime time) const {
  return static_cast<std::uint32_t>(duration_cast<milliseconds>(time - started_).count());
}

bool Lane::wants(const Record& record) const {
  if (settings_.filter.min_level && record.level.severity < *settings_.filter.min_level) {
    return false;
  }
  return levels_.empty() || levels_.contains(record.level, record.level_name());
}

void Lane::take_over(std::span<const Record> records, bool diverted, std::uint64_t left_out) {
  const SteadyTime now = clock_.steady();
  bool wake_worker = false;
  bool wake_spooler = false;
  {
    std::unique_lock lock(mutex_);
    const bool was_empty = queue_.depth() == 0;
    const std::uint64_t lost = ledger_.queue_losses();
    std::uint64_t wanted = 0;
    Arrivals arrivals;
    arrivals.arrival_ms = to_arrival_ms(now);
    ledger_.filtered(left_out);
    for (const Record& record : records) {
      if (!diverted && !wants(record)) {
        ledger_.filtered();
        continue;
      }
      ++wanted;
      push(lock, record, now, arrivals);
    }
    enter(arrivals);
    history_.put(wanted, ledger_.queue_losses() - lost, fill(), now);
    SteadyTime look_again = SteadyTime::max();
    wake_worker =
        workers_waiting_ > 0 && queue_.depth() > 0 && (was_empty || queue_is_due(now, look_again));
    // Also where the disk has a pause: the spooler has to know how long.
    SteadyTime spool_at = SteadyTime::max();
    wake_spooler = spool_ && (must_spool(now, spool_at) || spool_at != SteadyTime::max());
  }
  if (wake_worker) work_.notify_one();
  if (wake_spooler) spill_.notify_one();
}

bool Lane::queue_is_due(SteadyTime now, SteadyTime& look_again) const {
  const Slot* oldest = queue_.oldest();
  if (!oldest) return false;
  const DeliverySettings& delivery = settings_.delivery;
  // A queue smaller than a batch is due before it is full: it must not drop while the sink is idle.
  const bool full_batch =
      queue_.depth() >=
          std::min<std::uint64_t>(delivery.batch_size, (settings_.queue.size + 1) / 2) ||
      queue_.bytes() >= std::min(delivery.batch_max_bytes, settings_.queue.max_bytes / 2);
  if (closed_ || draining_ || readers_waiting_ > 0 || full_batch) {
    return true;
  }
  const milliseconds waited{to_arrival_ms(now) - oldest->arrival_ms};
  if (waited >= delivery.batch_timeout) return true;
  look_again = std::min(look_again, now + (delivery.batch_timeout - waited));
  return false;
}

Lane::From Lane::next_source(SteadyTime now, SteadyTime& look_again) const {
  if (former_running_ > 0 && now < former_until_) {
    look_again = std::min(look_again, former_until_);
    return From::nowhere;
  }
  if (!unfinished_.empty()) return From::unfinished;
  if (spool_ && now >= disk_retry_at_ && spool_->has_unread()) {
    // A backlog goes at once; in durable mode fresh records wait for company as they would in
    // memory.
    const SteadyTime due_at = unread_since_.value_or(now) + settings_.delivery.batch_timeout;
    const SpoolCounts counts = spool_->counts();
    const bool due = settings_.spool.mode == SpoolMode::overflow || closed_ || draining_ ||
                     counts.records - counts.in_flight >= settings_.delivery.batch_size ||
                     now >= due_at;
    if (due) return From::disk;
    look_again = std::min(look_again, due_at);
    return From::nowhere;
  }
  if (now < disk_retry_at_) look_again = std::min(look_again, disk_retry_at_);
  if (spooler_busy_) return From::nowhere;
  if (!held_.empty()) return From::held;
  const bool disk_only =
      spool_ && settings_.spool.mode == SpoolMode::durable && now >= spool_retry_at_;
  if (disk_only) return From::nowhere;
  return queue_is_due(now, look_again) ? From::queue : From::nowhere;
}

bool Lane::nothing_waits() const {
  return queue_.depth() == 0 && held_.empty() && unfinished_.empty() && former_running_ == 0 &&
         !spooler_busy_ && !(spool_ && spool_->has_unread());
}

Queue::Order Lane::order() const {
  return clock_.steady() >= protected_first_from_ ? Queue::Order::protected_first
                                                  : Queue::Order::arrival;
}

Lane::Taken Lane::take(InFlightBatch& in_flight, std::optional<SteadyTime> wake_at,
                       WorkerContext& context) {
  std::unique_lock lock(mutex_);
  const DeliverySettings& delivery = settings_.delivery;
  while (true) {
    if (stopped_) return Taken::ended;
    if (context.generation != generation_) return Taken::replaced;
    if (context.reopen_seen != reopen_generation_) {
      context.reopen_seen = reopen_generation_;
      return Taken::reopen;
    }
    const SteadyTime now = clock_.steady();
    SteadyTime wait_until = SteadyTime::max();
    const From from = next_source(now, wait_until);
    if (from == From::disk) {
      SpoolTakeLimits limits;
      limits.max_records = delivery.batch_size;
      limits.max_bytes = delivery.batch_max_bytes;
      limits.protected_first = order() == Queue::Order::protected_first;
      lock.unlock();
      if (take_from_disk(in_flight, limits)) return Taken::batch;
      lock.lock();
      continue;
    }
    if (from != From::nowhere) {
      in_flight.from_disk_ = false;
      if (from == From::unfinished) {
        const auto oldest = std::min_element(
            unfinished_.begin(), unfinished_.end(),
            [](const Batch& a, const Batch& b) { return a.sequence(0) < b.sequence(0); });
        in_flight.memory_ = std::move(*oldest);
        unfinished_.erase(oldest);
      } else if (from == From::held) {
        std::swap(in_flight.memory_, held_.front());
        held_.pop_front();
      } else {
        take_from_queue(in_flight.memory_, order(), now);
      }
      break;
    }
    if (closed_ && nothing_waits()) return Taken::ended;
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
  ledger_.taken(in_flight.size());
  const bool wake_reader = readers_waiting_ > 0;
  const bool wake_worker = workers_waiting_ > 0 && queue_.depth() > 0;
  lock.unlock();
  if (wake_reader) room_.notify_all();
  if (wake_worker) work_.notify_one();
  return Taken::batch;
}

void Lane::settle(const InFlightBatch& in_flight, std::size_t begin, std::size_t end,
                  Outcome outcome) {
  if (begin == end) return;
  const Tally tally = in_flight.tally(begin, end);
  const std::lock_guard lock(mutex_);
  if (!abandoned_) ledger_.settled(outcome, tally);
}

void Lane::give_back(InFlightBatch& in_flight, std::size_t finished) {
  if (in_flight.from_disk_) {
    give_back_to_disk(in_flight, finished);
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::size_t left = in_flight.size() - finished;
  queue_.release(in_flight.memory_, 0, finished);
  if (left > 0) {
    if (!abandoned_) ledger_.put_down(left);
    unfinished_.push_back(std::move(in_flight.memory_));
  }
  // A worker that found nothing may have been the last; whoever waits for the end must look again.
  if (left > 0 || (closed_ && nothing_waits())) work_.notify_all();
}

void Lane::divert(const InFlightBatch& in_flight, std::size_t begin, std::size_t end,
                  Lane& fallback) {
  fallback.submit_diverted(in_flight.records(begin, end));
  settle(in_flight, begin, end, Outcome::diverted);
}

milliseconds Lane::retry_max_elapsed() const {
  const std::lock_guard lock(mutex_);
  return settings_.delivery.retry_max_elapsed;
}

void Lane::sink_lost(const WorkerContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (context.generation != generation_ || generation_lost_) return;
    generation_lost_ = true;
  }
  on_change_();
}

void Lane::mark_lost() {
  const std::lock_guard lock(mutex_);
  generation_lost_ = true;
}

bool Lane::is_lost() const {
  const std::lock_guard lock(mutex_);
  return generation_lost_;
}

void Lane::worker_ended(const WorkerContext& context) {
  {
    const std::lock_guard lock(mutex_);
    --workers_running_;
    if (context.generation != generation_) --former_running_;
    work_.notify_all();
    spill_.notify_all();
  }
  on_change_();
}

void Lane::close() {
  if (!filter_chain_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
    }
    // Nobody is held back any more: what the filter_chain holds goes in at once.
    retire();
    choose({}, true);
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  work_.notify_all();
  spill_.notify_all();
}

void Lane::begin_drain(SteadyTime deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return;
    const SteadyTime now = clock_.steady();
    draining_ = true;
    protected_first_from_ = now + (deadline - now) / 2;
    work_.notify_all();
    spill_.notify_all();
  }
  retry_.hurry();
}

void Lane::stop() {
  std::stop_source stop_source;
  {
    const std::lock_guard lock(mutex_);
    stop_source = generation_stop_;
    if (!stopped_) stopped_at_ = clock_.steady();
    stopped_ = true;
    work_.notify_all();
    room_.notify_all();
    spill_.notify_all();
  }
  retry_.stop();
  stop_source.request_stop();
}

bool Lane::ended() const {
  const std::lock_guard lock(mutex_);
  return workers_running_ == 0 && !spooler_running_;
}

bool Lane::abandon() {
  const std::lock_guard lock(mutex_);
  if (abandoned_) return false;
  abandoned_ = true;
  ledger_.abandoned();
  return true;
}

void Lane::request_reopen() {
  {
    const std::lock_guard lock(mutex_);
    ++reopen_generation_;
    work_.notify_all();
  }
  retry_.retry_now();
}

LaneSnapshot Lane::snapshot() const {
  LaneSnapshot snapshot;
  snapshot.name = name_;
  {
    const std::lock_guard lock(mutex_);
    snapshot.type = std::string(settings_.type());
    snapshot.queue_size = settings_.queue.size;
    snapshot.queue_max_bytes = settings_.queue.max_bytes;
    for (const auto& pipeline : pipelines_) merge_stages(snapshot.stages, pipeline->counts());
    snapshot.counts = ledger_.counts();
    snapshot.queue_depth = queue_.depth();
    snapshot.queue_bytes = queue_.bytes();
    snapshot.queue_depth_high_watermark = depth_high_watermark_;
    snapshot.queue_peaks = history_.peaks(clock_.steady());
    snapshot.overflow = history_.overflow(clock_.steady());
    snapshot.workers = settings_.delivery.workers;
    snapshot.batch_size = settings_.delivery.batch_size;
  }
  const auto chosen = filter_chain_.counts();
  snapshot.stages.insert(snapshot.stages.begin(), chosen.begin(), chosen.end());
  retry_.report(snapshot);
  return snapshot;
}

}  // namespace ship
