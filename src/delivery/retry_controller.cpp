#include "delivery/retry_controller.hpp"

#include <random>

namespace ship {

using std::chrono::milliseconds;

namespace {

CircuitBreaker::Limits gate_limits(const DeliverySettings& delivery) {
  return {delivery.retry_base, delivery.retry_max, delivery.breaker_failures,
          delivery.breaker_interval};
}

/// What people are told.
SinkHealth health_of(const Verdict& verdict, SinkHealth before) {
  switch (verdict.health()) {
    case Verdict::Health::good:
      return SinkHealth::good;
    case Verdict::Health::throttling:
      return verdict.is_rate_limited() ? SinkHealth::throttling : SinkHealth::failing;
    case Verdict::Health::failing:
      return SinkHealth::failing;
    case Verdict::Health::needs_operator:
      return SinkHealth::needs_operator;
    case Verdict::Health::unknown:
      break;
  }
  return before;
}

ConcurrencyLimit limit_of(const DeliverySettings& delivery) {
  return delivery.workers > 0 ? ConcurrencyLimit::fixed(delivery.workers)
                              : ConcurrencyLimit(delivery.max_in_flight);
}

}  // namespace

RetryController::RetryController(const SinkSettings& settings, Clock& clock)
    : clock_(clock),
      breaker_(gate_limits(settings.delivery), std::random_device{}()),
      limit_(limit_of(settings.delivery)),
      published_limit_(limit_.now()) {}

RetryController::Turn RetryController::wait_for_turn(Attempt& attempt, std::uint64_t generation,
                                                     bool can_divert) {
  std::unique_lock lock(mutex_);
  attempt.generation = generation;
  while (true) {
    if (stopped_ || generation != generation_) return Turn::stopped;
    SteadyTime until = SteadyTime::max();
    if (sending_ < limit_.now()) {
      attempt.permit = breaker_.ask(clock_.steady());
      if (attempt.permit.go) {
        ++sending_;
        attempt.round = limit_.round();
        return Turn::send;
      }
      until = attempt.permit.again_at;
    }
    if (can_divert && breaker_.state() != CircuitBreaker::State::closed) return Turn::divert;
    ++waiting_;
    clock_.wait_until(changed_, lock, until);
    --waiting_;
  }
}

void RetryController::answered(const Attempt& attempt, const Verdict& verdict) {
  const bool ok = verdict.kind == Verdict::Kind::ok;
  bool others_wait = false;
  {
    const std::lock_guard lock(mutex_);
    flush_seconds_.add(attempt.seconds);
    bytes_sent_ += attempt.bytes_sent;
    if (attempt.generation == generation_) {
      health_ = health_of(verdict, health_);
      end_attempt(attempt, verdict.health(), verdict.retry_after.value_or(milliseconds{0}));
    }
    if (ok) {
      ++batches_;
      batch_sizes_.add(static_cast<double>(attempt.records));
    } else {
      ++errors_;
      last_error_ = verdict.reason;
      if (attempt.will_retry) ++retries_;
    }
    others_wait = waiting_ > 0;
  }
  // Threads that wait for the probe's answer, or for this attempt to end, must look again.
  if (others_wait) changed_.notify_all();
}

void RetryController::interrupted(const Attempt& attempt) {
  {
    const std::lock_guard lock(mutex_);
    flush_seconds_.add(attempt.seconds);
    bytes_sent_ += attempt.bytes_sent;
    if (attempt.generation == generation_) {
      end_attempt(attempt, Verdict::Health::unknown, {});
    }
  }
  changed_.notify_all();
}

void RetryController::end_attempt(const Attempt& attempt, Verdict::Health health,
                                  milliseconds retry_after) {
  --sending_;
  breaker_.answered(health, attempt.permit.epoch, clock_.steady(), retry_after);
  limit_.answered(attempt.round, health, std::chrono::duration<double>(attempt.seconds),
                  attempt.backlog);
  if (breaker_.state() == CircuitBreaker::State::open) limit_.opened();
  published_limit_ = limit_.now();
  published_failing_ = breaker_.state() != CircuitBreaker::State::closed ||
                       health_ == SinkHealth::failing || health_ == SinkHealth::needs_operator;
}

void RetryController::change(const DeliverySettings& delivery) {
  const std::lock_guard lock(mutex_);
  breaker_.set_limits(gate_limits(delivery));
}

void RetryController::begin_generation(std::uint64_t generation, const DeliverySettings& delivery) {
  const std::lock_guard lock(mutex_);
  generation_ = generation;
  breaker_ = CircuitBreaker(gate_limits(delivery), std::random_device{}());
  limit_ = limit_of(delivery);
  published_limit_ = limit_.now();
  sending_ = 0;
  health_ = SinkHealth::good;
  published_failing_ = false;
  changed_.notify_all();
}

void RetryController::retry_now() {
  const std::lock_guard lock(mutex_);
  breaker_.retry_now(clock_.steady());
  changed_.notify_all();
}

void RetryController::hurry() {
  const std::lock_guard lock(mutex_);
  breaker_.hurry(clock_.steady());
  changed_.notify_all();
}

void RetryController::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void RetryController::report(LaneSnapshot& snapshot) const {
  const std::lock_guard lock(mutex_);
  snapshot.retries = retries_;
  snapshot.batches = batches_;
  snapshot.bytes_sent = bytes_sent_;
  snapshot.errors = errors_;
  snapshot.health = health_;
  snapshot.last_error = last_error_;
  snapshot.requests_in_flight = sending_;
  snapshot.requests_limit = limit_.now();
  snapshot.breaker = std::string(breaker_.state_text());
  snapshot.flush_seconds = flush_seconds_;
  snapshot.batch_sizes = batch_sizes_;
}

}  // namespace ship
