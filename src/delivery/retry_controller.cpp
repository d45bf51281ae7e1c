#include "delivery/retry_controller.hpp"

#include <random>

namespace ship {

using std::chrono::milliseconds;

namespace {

CircuitBreaker::Limits gate_limits(const DeliverySettings& delivery) {
  return {delivery.retry_base, delivery.retry_max, delivery.breaker_failures,
          delivery.breaker_interval};
}

}  // namespace

RetryController::RetryController(const SinkSettings& settings, Clock& clock, LogFunction log)
    : clock_(clock),
      breaker_(gate_limits(settings.delivery), std::random_device{}()),
      log_("sink " + settings.name, std::move(log)) {}

RetryController::Turn RetryController::wait_for_turn(Attempt& attempt, std::uint64_t generation,
                                                     bool can_divert) {
  std::unique_lock lock(mutex_);
  attempt.generation = generation;
  while (true) {
    if (stopped_ || generation != generation_) return Turn::stopped;
    attempt.permit = breaker_.ask(clock_.steady());
    if (attempt.permit.go) return Turn::send;
    if (can_divert && breaker_.state() != CircuitBreaker::State::closed) return Turn::divert;
    if (attempt.permit.again_at == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, attempt.permit.again_at);
    }
  }
}

void RetryController::succeeded(const Attempt& attempt) {
  bool recovered = false;
  {
    const std::lock_guard lock(mutex_);
    if (attempt.generation == generation_) {
      recovered = breaker_.failures() > 0;
      breaker_.succeeded();
    }
    ++batches_;
    bytes_sent_ += attempt.bytes_sent;
    flush_seconds_.add(attempt.seconds);
    batch_sizes_.add(static_cast<double>(attempt.records));
  }
  if (!recovered) return;
  changed_.notify_all();
  log_.recovered();
}

void RetryController::failed(const Attempt& attempt, Failure failure, milliseconds retry_after,
                             const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    flush_seconds_.add(attempt.seconds);
    bytes_sent_ += attempt.bytes_sent;
    if (attempt.generation == generation_) tell_breaker(attempt, failure, now, retry_after);
    if (failure != Failure::cancelled) {
      ++errors_;
      last_error_ = reason;
      if (attempt.will_retry) ++retries_;
    }
  }
  // A worker that waits for the probe's answer must look again.
  changed_.notify_all();
  if (failure != Failure::cancelled) log_.failed(reason, attempt.will_retry);
}

void RetryController::tell_breaker(const Attempt& attempt, Failure failure, SteadyTime now,
                                   milliseconds retry_after) {
  switch (failure) {
    case Failure::failing:
      breaker_.failed(attempt.permit.epoch, now, retry_after);
      break;
    case Failure::throttling:
      breaker_.throttled(attempt.permit.epoch, now, retry_after);
      break;
    case Failure::needs_operator:
      breaker_.held(attempt.permit.epoch, now, retry_after);
      break;
    case Failure::refused:
      breaker_.succeeded();
      break;
    case Failure::cancelled:
      breaker_.cancelled(attempt.permit.epoch);
      break;
  }
}

void RetryController::change(const DeliverySettings& delivery) {
  const std::lock_guard lock(mutex_);
  breaker_.set_limits(gate_limits(delivery));
}

void RetryController::begin_generation(std::uint64_t generation, const DeliverySettings& delivery) {
  {
    const std::lock_guard lock(mutex_);
    generation_ = generation;
    breaker_ = CircuitBreaker(gate_limits(delivery), std::random_device{}());
    changed_.notify_all();
  }
  log_.begin_anew();
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
  snapshot.last_error = last_error_;
  snapshot.breaker = std::string(breaker_.state_text());
  snapshot.flush_seconds = flush_seconds_;
  snapshot.batch_sizes = batch_sizes_;
}

}  // namespace ship
