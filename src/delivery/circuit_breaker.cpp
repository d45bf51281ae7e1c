#include "delivery/circuit_breaker.hpp"

#include <algorithm>

namespace ship {

using std::chrono::milliseconds;

namespace {

/// One refusal already halves the requests in flight; a long pause on top would fill the queue.
constexpr int kShareOfFirst = 4;

}  // namespace

CircuitBreaker::Permit CircuitBreaker::ask(SteadyTime now) {
  if (now < not_before_) return {false, epoch_, not_before_};
  if (state_ == State::open) state_ = State::half_open;
  if (state_ == State::half_open) {
    if (probing_) return {false, epoch_, SteadyTime::max()};
    probing_ = true;
  }
  return {true, epoch_, now};
}

void CircuitBreaker::answered(Verdict::Health health, std::uint64_t epoch, SteadyTime now,
                              milliseconds at_least) {
  using Health = Verdict::Health;
  if (health == Health::good) {
    state_ = State::closed;
    probing_ = false;
    failures_ = 0;
    not_before_ = {};
    return;
  }
  // While a probe is under way, only the probe has the current epoch.
  if (epoch != epoch_) return;
  probing_ = false;
  if (health == Health::unknown) return;
  ++epoch_;
  ++failures_;
  switch (health) {
    case Health::throttling:
      state_ = State::closed;
      return wait(now, failures_ == 1 ? limits_.base / kShareOfFirst : backoff(), at_least);
    case Health::needs_operator:
      if (limits_.failures_to_open > 0) state_ = State::open;
      not_before_ = now + (hurrying_ ? limits_.base : std::max(limits_.max, at_least));
      return;
    case Health::failing:
    case Health::good:
    case Health::unknown:
      return failed(now, at_least);
  }
}

void CircuitBreaker::failed(SteadyTime now, milliseconds at_least) {
  const bool was_probe = state_ != State::closed;
  if (limits_.failures_to_open > 0 && (was_probe || failures_ >= limits_.failures_to_open)) {
    state_ = State::open;
    if (!hurrying_) {
      not_before_ = now + std::max(limits_.open_for, at_least);
      return;
    }
  }
  wait(now, backoff(), at_least);
}

milliseconds CircuitBreaker::backoff() const {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures_ - 1, 20);
  return std::min(limits_.max, limits_.base * (std::int64_t{1} << doublings));
}

void CircuitBreaker::wait(SteadyTime now, milliseconds ceiling, milliseconds at_least) {
  if (hurrying_) ceiling = std::min(ceiling, limits_.base);
  std::uniform_int_distribution<std::int64_t> delay(0, std::max<std::int64_t>(ceiling.count(), 0));
  const milliseconds jittered{delay(random_)};
  // Spread the wait that everyone was told, so that the fleet does not come back all at once.
  const milliseconds asked =
      at_least.count() > 0 ? at_least + milliseconds(jittered.count() / 10) : milliseconds{0};
  not_before_ = now + std::max(jittered, asked);
}

void CircuitBreaker::hurry(SteadyTime now) {
  hurrying_ = true;
  if (state_ == State::open) state_ = State::half_open;
  not_before_ = std::min(not_before_, now);
}

std::string_view CircuitBreaker::state_text() const {
  switch (state_) {
    case State::closed:
      return "closed";
    case State::open:
      return "open";
    case State::half_open:
      return "half-open";
  }
  return "closed";
}

}  // namespace ship
