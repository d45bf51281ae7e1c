#include "delivery/lane.hpp"

#include <algorithm>
#include <utility>

#include "delivery/settled_input.hpp"

namespace ship {

using std::chrono::milliseconds;

Lane::Lane(const SinkSettings& settings, Clock& clock, LogFunction log,
           std::unique_ptr<Spool> spool, std::function<void()> on_change)
    : name_(settings.name),
      clock_(clock),
      on_change_(std::move(on_change)),
      spool_(std::move(spool)),
      settings_(settings),
      backlog_(settings_, clock, ledger_, spool_.get()),
      traffic_(settings_, clock, backlog_, ledger_, spool_.get()),
      generations_(settings.delivery.first_workers()),
      retry_(settings, clock),
      log_(std::move(log)) {}

Lane::~Lane() {
  if (settled_input_) settled_input_->remove(*this);
}

void Lane::set_targets(LaneTargets targets) {
  const std::lock_guard lock(mutex_);
  generations_.set_targets(targets);
}

void Lane::change(const SinkSettings& settings) {
  {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    backlog_.adopt();
    backlog_.notify_all();
  }
  retry_.change(settings.delivery);
}

std::stop_source Lane::replace_workers(const SinkSettings& settings, LaneTargets targets,
                                       SteadyTime until) {
  std::stop_source former;
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    former = generations_.replace(settings.delivery.first_workers(), targets, until);
    generation = generations_.present();
    settings_ = settings;
    backlog_.adopt();
    backlog_.notify_all();
  }
  retry_.begin_generation(generation, settings.delivery);
  return former;
}

void Lane::retire() {
  const std::lock_guard lock(mutex_);
  backlog_.retire();
  backlog_.notify_readers();
}

void Lane::set_filter_chain(std::unique_ptr<FilterChain> filter_chain) {
  filter_chain_.replace(std::move(filter_chain));
}

void Lane::choose(std::span<const Record> records, bool end) {
  const std::lock_guard lock(choosing_);
  chosen_.assign(records.begin(), records.end());
  const std::uint64_t left_out = filter_chain_.filter(chosen_, end);
  take_over(chosen_, false, left_out, true);
}

std::size_t Lane::take_over(std::span<const Record> records, bool diverted, std::uint64_t left_out,
                            bool may_wait) {
  Backlog::Submitted submitted;
  bool wake_spooler = false;
  {
    std::unique_lock lock(mutex_);
    ledger_.filtered(left_out);
    const std::uint64_t lost = ledger_.queue_losses();
    submitted = backlog_.submit(lock, records, diverted, may_wait);
    if (retry_.is_failing()) lost_while_failing_ += ledger_.queue_losses() - lost;
    // Asked even while the disk is paused: the spooler must know for how long.
    SteadyTime spool_at = SteadyTime::max();
    wake_spooler = traffic_.must_spool(clock_.steady(), spool_at) || spool_at != SteadyTime::max();
  }
  if (submitted.wake_worker) backlog_.notify_worker();
  if (wake_spooler) backlog_.notify_spooler();
  return submitted.taken;
}

bool Lane::nothing_waits() const {
  return backlog_.empty() && traffic_.empty() && generations_.former_running() == 0;
}

Lane::Taken Lane::take(InFlightBatch& in_flight, std::optional<SteadyTime> wake_at,
                       WorkerContext& context) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (backlog_.is_stopped()) return Taken::ended;
    if (!generations_.is_present(context)) return Taken::replaced;
    if (generations_.must_reopen(context)) return Taken::reopen;
    SteadyTime wait_until = SteadyTime::max();
    if (take_oldest(lock, in_flight, wait_until)) return Taken::batch;
    if (backlog_.is_closed() && nothing_waits()) return Taken::ended;
    if (wake_at && clock_.steady() >= *wake_at) return Taken::wake;
    if (wake_at) wait_until = std::min(wait_until, *wake_at);
    backlog_.wait_for_records(lock, wait_until);
  }
}

bool Lane::take_oldest(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                       SteadyTime& look_again) {
  const SteadyTime now = clock_.steady();
  if (generations_.must_wait(now, look_again)) return false;
  if (generations_.batches() >= retry_.limit()) return false;
  const std::uint64_t allowance = backlog_.batch_allowance(generations_.batches());
  if (allowance == 0) return false;
  in_flight.from_disk_ = false;
  if (backlog_.has_given_back()) {
    backlog_.take_given_back(in_flight.memory_);
  } else {
    switch (traffic_.next(now, look_again)) {
      case SpoolTraffic::Next::nothing:
        return false;
      case SpoolTraffic::Next::disk:
        if (take_from_disk(lock, in_flight, allowance)) return true;
        look_again = now;
        return false;
      case SpoolTraffic::Next::held:
        traffic_.take_held(in_flight.memory_);
        break;
      case SpoolTraffic::Next::memory:
        if (!backlog_.is_due(now, look_again)) return false;
        backlog_.take(in_flight.memory_, backlog_.order(), allowance);
        break;
    }
  }
  ledger_.taken(in_flight.size());
  take_charge(in_flight);
  const bool wake_reader = backlog_.readers_wait();
  const bool wake_worker = backlog_.workers_wait() && backlog_.depth() > 0;
  lock.unlock();
  if (wake_reader) backlog_.notify_readers();
  if (wake_worker) backlog_.notify_worker();
  return true;
}

void Lane::take_charge(InFlightBatch& in_flight) {
  generations_.took();
  in_flight.generation_ = generations_.present();
  // Of an object's many records what is known of each counts as well.
  const bool is_object = in_flight.from_disk_ && settings_.makes_objects();
  in_flight.charge_ = backlog_.reserve(in_flight.bytes(), !in_flight.from_disk_,
                                       is_object ? in_flight.size() * kSpoolBatchRecord : 0);
}

bool Lane::take_from_disk(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                          std::uint64_t max_bytes) {
  SpoolTakeLimits limits;
  limits.max_records = settings_.delivery.batch_size;
  limits.max_bytes = max_bytes;
  limits.protected_first = backlog_.order() == Queue::Order::protected_first;
  // Another worker that looks meanwhile must know of this one.
  const std::uint64_t expected = backlog_.reserve(max_bytes, false);
  lock.unlock();
  const SpoolEvents events = spool_->take(limits, in_flight.disk_);
  in_flight.from_disk_ = true;
  note(events);
  const Tally tally = in_flight.tally(0, in_flight.size());
  lock.lock();
  backlog_.unreserve(expected);
  traffic_.taken_from_disk(tally, events.error.has_value());
  if (tally.records > 0) take_charge(in_flight);
  // There may be room for what it found no room for.
  if (backlog_.workers_wait() && traffic_.has_unread()) backlog_.notify_worker();
  return tally.records > 0;
}

void Lane::settle(const InFlightBatch& in_flight, std::span<const Settlement> endings) {
  const std::lock_guard lock(mutex_);
  for (const Settlement& one : endings) {
    if (one.begin < one.end) ledger_.settled(one.ending, in_flight.tally(one.begin, one.end));
  }
}

void Lane::give_back(InFlightBatch& in_flight, std::size_t finished) {
  if (settled_input_) settled_input_->finished(in_flight, finished);
  if (in_flight.from_disk_) {
    give_back_to_disk(in_flight, finished);
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::size_t left = in_flight.size() - finished;
  end_charge(in_flight);
  backlog_.release(in_flight.memory_, 0, finished);
  if (left > 0) {
    ledger_.put_down(left);
    backlog_.give_back(std::move(in_flight.memory_));
  }
  // A worker that found nothing may have been the last; threads that wait for the end must look
  // again.
  if (left > 0 || (backlog_.is_closed() && nothing_waits())) backlog_.notify_workers();
  if (backlog_.readers_wait()) backlog_.notify_readers();
}

void Lane::end_charge(InFlightBatch& in_flight) {
  generations_.gave_back(in_flight.generation_);
  backlog_.unreserve(std::exchange(in_flight.charge_, 0));
}

bool Lane::has_full_batch() const {
  const std::lock_guard lock(mutex_);
  return backlog_.has_full_batch() || backlog_.has_given_back() || traffic_.has_unread();
}

void Lane::limit_changed() {
  {
    const std::lock_guard lock(mutex_);
    backlog_.notify_workers();
    if (!wants_worker(retry_.limit())) return;
  }
  on_change_();
}

bool Lane::wants_worker(std::uint32_t limit) const {
  return !backlog_.is_stopped() && generations_.present_running() < limit && !nothing_waits();
}

bool Lane::add_worker() {
  const std::lock_guard lock(mutex_);
  if (!wants_worker(retry_.limit())) return false;
  generations_.worker_added();
  return true;
}

void Lane::give_back_to_disk(InFlightBatch& in_flight, std::size_t finished) {
  const Tally left = in_flight.tally(finished, in_flight.size());
  {
    const std::lock_guard lock(mutex_);
    ledger_.left_on_disk(left);
  }
  note(spool_->settle(in_flight.disk_, finished));
  const std::lock_guard lock(mutex_);
  end_charge(in_flight);
  traffic_.given_back();
  if (backlog_.readers_wait()) backlog_.notify_readers();
}

void Lane::divert(const InFlightBatch& in_flight, std::size_t begin, std::size_t end,
                  Lane& fallback) {
  fallback.submit_diverted(in_flight.records(begin, end));
  if (settled_input_) settled_input_->diverted(fallback);
  const Settlement diverted{begin, end, Ending::diverted};
  settle(in_flight, {&diverted, 1});
}

milliseconds Lane::retry_max_elapsed() const {
  const std::lock_guard lock(mutex_);
  return settings_.delivery.retry_max_elapsed;
}

void Lane::sink_lost(const WorkerContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (!generations_.lost(context)) return;
  }
  on_change_();
}

void Lane::worker_ended(const WorkerContext& context) {
  {
    const std::lock_guard lock(mutex_);
    generations_.worker_ended(context);
    backlog_.notify_workers();
    backlog_.notify_spooler();
  }
  on_change_();
}

bool Lane::take_for_spool(std::vector<Batch>& group) {
  std::unique_lock lock(mutex_);
  return traffic_.gather(lock, group, generations_);
}

void Lane::leave_out(Batch& batch, const std::vector<LeftOut>& left_out) {
  if (left_out.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const LeftOut& one : left_out) {
    Tally tally;
    tally.add(batch.is_protected(one.index));
    ledger_.given_up(one.ending, tally);
  }
  batch.move_to_front(0, batch.size(), indices_of(left_out));
  backlog_.release(batch, 0, left_out.size());
}

void Lane::spooled(std::vector<Batch>& group, const SpoolAppend& result) {
  note(result.events);
  const std::lock_guard lock(mutex_);
  spool_error_.clear();
  if (!result.failed.empty()) {
    spool_error_ = result.events.error ? result.events.error->message : "cannot write";
  }
  traffic_.spooled(group, result);
  backlog_.notify_workers();
}

bool Lane::workers_ended() const {
  const std::lock_guard lock(mutex_);
  return generations_.running() == 0;
}

void Lane::spooler_ended() {
  {
    const std::lock_guard lock(mutex_);
    traffic_.spooler_ended();
  }
  on_change_();
}

void Lane::note(const SpoolEvents& events) {
  for (const std::string& message : events.messages) {
    log_(LogLevel::warning, "sink " + name_ + ": spool: " + message);
  }
  if (events.lost.empty()) return;
  const std::lock_guard lock(mutex_);
  traffic_.count(events.lost);
}

void Lane::close() {
  if (!filter_chain_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      if (backlog_.is_closed()) return;
    }
    // Nobody is held back any more: what the filter chain holds goes in at once.
    retire();
    choose({}, true);
  }
  const std::lock_guard lock(mutex_);
  backlog_.close();
  backlog_.notify_workers();
  backlog_.notify_spooler();
}

void Lane::begin_drain(SteadyTime deadline, SteadyTime hold_until) {
  {
    const std::lock_guard lock(mutex_);
    if (backlog_.is_draining()) return;
    backlog_.begin_drain(deadline, hold_until);
    backlog_.notify_all();
  }
  retry_.hurry();
}

void Lane::stop() {
  std::stop_source stop_source;
  {
    const std::lock_guard lock(mutex_);
    stop_source = generations_.stop_source();
    backlog_.stop();
    backlog_.notify_all();
  }
  retry_.stop();
  stop_source.request_stop();
}

bool Lane::ended() const {
  const std::lock_guard lock(mutex_);
  return generations_.running() == 0 && !traffic_.is_spooler_running();
}

bool Lane::abandon() {
  const std::lock_guard lock(mutex_);
  if (ledger_.is_abandoned()) return false;
  ledger_.abandoned();
  return true;
}

void Lane::request_reopen() {
  {
    const std::lock_guard lock(mutex_);
    generations_.request_reopen();
    backlog_.notify_workers();
  }
  retry_.retry_now();
}

}  // namespace ship
