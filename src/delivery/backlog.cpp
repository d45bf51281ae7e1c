#include "delivery/backlog.hpp"

#include <algorithm>
#include <limits>

namespace ship {

using std::chrono::milliseconds;

namespace {

/// The forms of a batch: its records, the results of stages and of encoding, and those compressed.
constexpr std::uint64_t kForms = 3;
/// One batch has at most an eighth of the queue's bytes.
constexpr std::uint64_t kShareOfABatch = 8;
/// The end of a drain has room for that many waits of the reader: it brings no more than the rest
/// of a pipe.
constexpr int kMoments = 16;

}  // namespace

Backlog::Backlog(const SinkSettings& settings, Clock& clock, LaneLedger& ledger, const Spool* spool)
    : settings_(settings),
      clock_(clock),
      ledger_(ledger),
      spool_(spool),
      started_(clock.steady()),
      protected_levels_(settings.queue.protected_levels),
      levels_(settings.levels, settings.levels_elsewhere),
      queue_({settings.queue.size, settings.queue.max_bytes, settings.queue.drop},
             spool ? spool->next_sequence() : 1),
      history_(started_) {}

Backlog::~Backlog() {
  // Undelivered records still pin the queue's memory.
  for (Batch& batch : given_back_) queue_.release(batch, 0, batch.size());
}

void Backlog::adopt() {
  protected_levels_ = LevelSet(settings_.queue.protected_levels);
  levels_ = LevelSet(settings_.levels, settings_.levels_elsewhere);
  queue_.set_limits(limits());
  most_in_memory_ = 0;
}

Queue::Limits Backlog::limits() const {
  const QueueSettings& queue = settings_.queue;
  const bool all = draining_ && !queue.drop_on_full;
  return {all ? std::numeric_limits<std::uint64_t>::max() : queue.size, queue.max_bytes,
          queue.drop};
}

std::uint32_t Backlog::to_arrival_ms(SteadyTime time) const {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<milliseconds>(time - started_).count());
}

bool Backlog::wants(const Record& record) const {
  if (settings_.filter.min_level && record.level.severity < *settings_.filter.min_level) {
    return false;
  }
  return levels_.empty() || levels_.contains(record.level, record.level_name());
}

Backlog::Submitted Backlog::submit(std::unique_lock<std::mutex>& lock,
                                   std::span<const Record> records, bool diverted, bool may_wait) {
  const SteadyTime now = clock_.steady();
  const bool was_empty = queue_.depth() == 0;
  const std::uint64_t lost = ledger_.queue_losses();
  std::uint64_t wanted = 0;
  Submitted submitted;
  Arrivals arrivals;
  arrivals.arrival_ms = to_arrival_ms(now);
  if (!is_half_full()) patience_.fell_to_half();
  for (const Record& record : records) {
    if (!diverted && !wants(record)) {
      ledger_.filtered();
    } else if (!may_wait && !is_stopped() && !retired_ && !queue_.has_room(record.line.size()) &&
               wait_until(record.line.size(), now)) {
      break;
    } else {
      ++wanted;
      push(lock, record, now, arrivals);
    }
    ++submitted.taken;
  }
  enter(arrivals);
  history_.put(wanted, ledger_.queue_losses() - lost, fill(), now);
  SteadyTime look_again = SteadyTime::max();
  submitted.wake_worker =
      workers_waiting_ > 0 && queue_.depth() > 0 && (was_empty || is_due(now, look_again));
  return submitted;
}

void Backlog::push(std::unique_lock<std::mutex>& lock, const Record& record, SteadyTime now,
                   Arrivals& arrivals) {
  const bool is_protected = protected_levels_.contains(record.level, record.level_name());
  arrivals.entered.add(is_protected);

  const bool was_abandoned = ledger_.is_abandoned();
  wait_for_room(lock, record.line.size(), now, arrivals);

  bool accepted = !is_stopped();
  const bool gives_way =
      settings_.queue.drop_on_full || (!queue_.has_room(record.line.size()) && queue_.depth() > 0 &&
                                       !retired_ && clock_.steady() >= hold_until_);
  if (accepted && !gives_way) {
    queue_.push_always(record, is_protected, arrivals.arrival_ms);
  } else if (accepted) {
    accepted = queue_.push(record, is_protected, arrivals.arrival_ms, arrivals.evictions);
    turned_away_ |= !settings_.queue.drop_on_full && (!accepted || arrivals.evictions.total > 0);
  }
  // If the lane was abandoned while this thread waited, the record has already been counted.
  if (!accepted && ledger_.is_abandoned() == was_abandoned) arrivals.dropped.add(is_protected);
  arrivals.highest_depth = std::max(arrivals.highest_depth, queue_.depth());
}

void Backlog::enter(Arrivals& arrivals) {
  ledger_.entered(arrivals.entered);
  const Evictions& evictions = arrivals.evictions;
  // Only the end of the run takes anything from a lane in block mode.
  const bool blocks = !settings_.queue.drop_on_full;
  if (evictions.total > 0 && blocks) {
    ledger_.dropped(Ending::shutdown, {evictions.total, evictions.protected_records});
  } else if (evictions.total > 0) {
    ledger_.evicted(evictions.by_severity, evictions.protected_records);
  }
  // The lane can only have been stopped while the lock was released; nothing was left to enter
  // then.
  ledger_.dropped(is_stopped() || blocks ? Ending::shutdown : Ending::queue_full, arrivals.dropped);
  depth_high_watermark_ = std::max(depth_high_watermark_, arrivals.highest_depth);
  arrivals.entered = arrivals.dropped = Tally();
  if (arrivals.evictions.total > 0) arrivals.evictions = Evictions();
}

void Backlog::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t size, SteadyTime now,
                            Arrivals& arrivals) {
  while (!is_stopped() && !retired_ && !queue_.has_room(size)) {
    const auto until = wait_until(size, now);
    if (!until) return;
    // A snapshot taken while this thread waits must balance too.
    enter(arrivals);
    notify_workers();
    notify_spooler();
    ++readers_waiting_;
    clock_.wait_until(room_, lock, *until);
    --readers_waiting_;
  }
  patience_.has_room();
}

std::optional<SteadyTime> Backlog::wait_until(std::size_t size, SteadyTime came) {
  const QueueSettings& queue = settings_.queue;
  const SteadyTime now = clock_.steady();
  if (now >= hold_until_) {
    const SteadyTime until = std::min(came, released_at_) + moment_;
    const bool waits = now < until && !queue.drop_on_full && queue_.depth() > 0;
    return waits ? std::optional(until) : std::nullopt;
  }
  if (!queue.drop_on_full) {
    // A record larger than the whole queue goes in alone; otherwise it would never fit.
    return queue_.depth() > 0 ? std::optional(hold_until_) : std::nullopt;
  }
  if (Slot::footprint(size) > queue_.limits().bytes) return std::nullopt;
  std::optional<SteadyTime> until;
  if (spool_) until = patience_.wait_until(now, spool_->written_bytes(), settings_.spool.wait);
  if (now < came + queue.wait) until = std::max(until.value_or(now), came + queue.wait);
  return until ? std::optional(std::min(*until, hold_until_)) : std::nullopt;
}

bool Backlog::is_half_full() const {
  const std::uint64_t max_bytes = settings_.queue.max_bytes;
  return queue_.depth() >= (settings_.queue.size + 1) / 2 ||
         queue_.bytes() >= (max_bytes - std::min(max_bytes, queue_.bytes_outside())) / 2;
}

bool Backlog::has_full_batch() const {
  if (queue_.depth() == 0) return false;
  const DeliverySettings& delivery = settings_.delivery;
  return is_half_full() || queue_.depth() >= delivery.batch_size ||
         queue_.bytes() >= delivery.batch_max_bytes;
}

std::uint64_t Backlog::largest_batch() const {
  return std::max<std::uint64_t>(
      std::min(settings_.delivery.batch_max_bytes, settings_.queue.max_bytes / kShareOfABatch), 1);
}

std::uint64_t Backlog::batch_allowance(std::uint32_t in_flight) {
  const std::uint64_t largest = largest_batch();
  if (queue_.reserved() == 0) return largest;
  if (spool_ != nullptr && settings_.makes_objects()) {
    // An object is never cut short because of others under way: it waits for them.
    const std::uint64_t half = settings_.queue.max_bytes / 2;
    if (queue_.reserved() + kForms * largest <= half) return largest;
    most_in_memory_ = std::max(most_in_memory_, in_flight);
    return 0;
  }
  // Of a batch's forms the queue stores one.
  const std::uint64_t most = settings_.queue.max_bytes / 2 / kForms * (kForms - 1);
  const std::uint64_t left = (most - std::min(most, queue_.reserved())) / kForms;
  if (left >= std::min(largest, queue_.bytes())) return std::min(largest, left);
  most_in_memory_ = std::max(most_in_memory_, in_flight);
  return 0;
}

std::uint64_t Backlog::reserve(std::uint64_t bytes, bool stored, std::uint64_t beside) {
  const std::uint64_t charge = bytes * (stored ? kForms - 1 : kForms) + beside;
  queue_.reserve(charge);
  return charge;
}

bool Backlog::is_due(SteadyTime now, SteadyTime& look_again) const {
  const Slot* oldest = queue_.oldest();
  if (!oldest) return false;
  const DeliverySettings& delivery = settings_.delivery;
  // A queue smaller than a batch is due before it is full; it must not drop while the sink is idle.
  if (closed_ || draining_ || readers_waiting_ > 0 || has_full_batch()) return true;
  const milliseconds waited{to_arrival_ms(now) - oldest->arrival_ms};
  if (waited >= delivery.batch_timeout) return true;
  look_again = std::min(look_again, now + (delivery.batch_timeout - waited));
  return false;
}

Queue::Order Backlog::order() const {
  return settings_.delivery.order == DeliveryOrder::any && clock_.steady() >= protected_first_from_
             ? Queue::Order::protected_first
             : Queue::Order::arrival;
}

void Backlog::take(Batch& batch, Queue::Order order, std::uint64_t max_bytes) {
  const std::uint32_t before = fill();
  queue_.take(settings_.delivery.batch_size, max_bytes, order, batch);
  history_.taken(batch.size(), before, fill(), clock_.steady());
}

void Backlog::take_given_back(Batch& batch) {
  const auto oldest = std::min_element(
      given_back_.begin(), given_back_.end(),
      [](const Batch& a, const Batch& b) { return a.sequence(0) < b.sequence(0); });
  batch = std::move(*oldest);
  given_back_.erase(oldest);
}

std::uint32_t Backlog::fill() const {
  const Queue::Limits& limits = queue_.limits();
  const std::uint64_t records = queue_.depth() * 1000 / std::max<std::uint64_t>(limits.records, 1);
  const std::uint64_t bytes =
      (queue_.bytes() + queue_.bytes_outside()) * 1000 / std::max<std::uint64_t>(limits.bytes, 1);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max(records, bytes), 1000));
}

void Backlog::begin_drain(SteadyTime deadline, SteadyTime hold_until) {
  const SteadyTime now = clock_.steady();
  draining_ = true;
  hold_until_ = hold_until;
  moment_ = std::max(deadline - hold_until, SteadyTime::duration::zero()) / kMoments;
  queue_.set_limits(limits());
  protected_first_from_ = now + (deadline - now) / 2;
}

void Backlog::stop() {
  if (!stopped_at_) stopped_at_ = clock_.steady();
}

void Backlog::wait_for_records(std::unique_lock<std::mutex>& lock, SteadyTime until) {
  ++workers_waiting_;
  clock_.wait_until(work_, lock, until);
  --workers_waiting_;
}

void Backlog::wait_to_spool(std::unique_lock<std::mutex>& lock, SteadyTime until) {
  clock_.wait_until(spill_, lock, until);
}

void Backlog::notify_all() {
  work_.notify_all();
  room_.notify_all();
  spill_.notify_all();
}

LaneStanding Backlog::standing() const {
  const std::optional<Queue::Held> oldest = queue_.oldest_held();
  const std::uint64_t next = queue_.next_sequence();
  const bool stopped = is_stopped() || turned_away_;
  if (!oldest) return {next, next, {}, stopped};
  return {next, oldest->sequence, oldest->id, stopped};
}

std::string Backlog::stall_text() const {
  if (!has_lost_patience()) return {};
  return "the disk took nothing for " + std::to_string(settings_.spool.wait.count()) +
         " ms (spool.wait); what the queue has no room for is treated by queue.drop";
}

void Backlog::report(LaneSnapshot& snapshot) const {
  const DeliverySettings& delivery = settings_.delivery;
  snapshot.fail_on_loss = delivery.fail_on_loss;
  snapshot.adaptive = delivery.workers == 0;
  snapshot.workers = snapshot.adaptive ? delivery.max_in_flight : delivery.workers;
  snapshot.requests_in_memory = most_in_memory_;
  snapshot.batch_size = delivery.batch_size;
  snapshot.drop_on_full = settings_.queue.drop_on_full;
  const SteadyTime now = clock_.steady();
  snapshot.queue_size = settings_.queue.size;
  snapshot.queue_max_bytes = settings_.queue.max_bytes;
  snapshot.queue_depth = queue_.depth();
  snapshot.queue_bytes = queue_.bytes();
  snapshot.queue_depth_high_watermark = depth_high_watermark_;
  snapshot.queue_peaks = history_.peaks(now);
  snapshot.overflow = history_.overflow(now);
}

}  // namespace ship
