#include "delivery/attempts.hpp"

#include <random>

namespace ship {

using std::chrono::milliseconds;

namespace {

SendGate::Limits gate_limits(const DeliverySettings& delivery) {
  return {delivery.retry_base, delivery.retry_max, delivery.breaker_failures,
          delivery.breaker_interval};
}

}  // namespace

Attempts::Attempts(const SinkSettings& settings, Clock& clock, LogFunction log)
    : clock_(clock),
      gate_(gate_limits(settings.delivery), std::random_device{}()),
      log_("sink " + settings.name, std::move(log)) {}

Attempts::Turn Attempts::wait_for_turn(Attempt& attempt, std::uint64_t shift, bool can_divert) {
  std::unique_lock lock(mutex_);
  attempt.shift = shift;
  while (true) {
    if (stopped_ || shift != shift_) return Turn::stopped;
    attempt.permit = gate_.ask(clock_.steady());
    if (attempt.permit.go) return Turn::send;
    if (can_divert && gate_.state() != SendGate::State::closed) return Turn::divert;
    if (attempt.permit.again_at == SteadyTime::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, attempt.permit.again_at);
    }
  }
}

void Attempts::succeeded(const Attempt& attempt) {
  bool recovered = false;
  {
    const std::lock_guard lock(mutex_);
    if (attempt.shift == shift_) {
      recovered = gate_.failures() > 0;
      gate_.succeeded();
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

void Attempts::failed(const Attempt& attempt, Failure failure, milliseconds retry_after,
                      const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    flush_seconds_.add(attempt.seconds);
    bytes_sent_ += attempt.bytes_sent;
    if (attempt.shift == shift_) tell_gate(attempt, failure, now, retry_after);
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

void Attempts::tell_gate(const Attempt& attempt, Failure failure, SteadyTime now,
                         milliseconds retry_after) {
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
      gate_.cancelled(attempt.permit.epoch);
      break;
  }
}

void Attempts::change(const DeliverySettings& delivery) {
  const std::lock_guard lock(mutex_);
  gate_.set_limits(gate_limits(delivery));
}

void Attempts::begin_shift(std::uint64_t shift, const DeliverySettings& delivery) {
  {
    const std::lock_guard lock(mutex_);
    shift_ = shift;
    gate_ = SendGate(gate_limits(delivery), std::random_device{}());
    changed_.notify_all();
  }
  log_.begin_anew();
}

void Attempts::retry_now() {
  const std::lock_guard lock(mutex_);
  gate_.retry_now(clock_.steady());
  changed_.notify_all();
}

void Attempts::hurry() {
  const std::lock_guard lock(mutex_);
  gate_.hurry(clock_.steady());
  changed_.notify_all();
}

void Attempts::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void Attempts::report(LaneSnapshot& snapshot) const {
  const std::lock_guard lock(mutex_);
  snapshot.retries = retries_;
  snapshot.batches = batches_;
  snapshot.bytes_sent = bytes_sent_;
  snapshot.errors = errors_;
  snapshot.last_error = last_error_;
  snapshot.breaker = std::string(gate_.state_text());
  snapshot.flush_seconds = flush_seconds_;
  snapshot.batch_sizes = batch_sizes_;
}

}  // namespace ship
