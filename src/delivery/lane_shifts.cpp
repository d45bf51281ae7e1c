#include <utility>

#include "delivery/lane.hpp"

// How a lane goes on by other settings while records come and go.

namespace ship {

Lane::Post Lane::post() const {
  const std::lock_guard lock(mutex_);
  return {shift_, reopen_generation_, shift_fallback_, shift_stop_.get_token()};
}

void Lane::set_fallback(Lane* fallback) {
  const std::lock_guard lock(mutex_);
  shift_fallback_ = fallback;
}

void Lane::adopt(const SinkSettings& settings) {
  settings_ = settings;
  protected_levels_ = LevelSet(settings.queue.protected_levels);
  levels_ = LevelSet(settings.levels, settings.levels_elsewhere);
  queue_.set_limits({settings.queue.size, settings.queue.max_bytes, settings.queue.drop});
  work_.notify_all();
  room_.notify_all();
  spill_.notify_all();
}

void Lane::change(const SinkSettings& settings) {
  {
    const std::lock_guard lock(mutex_);
    adopt(settings);
  }
  attempts_.change(settings.delivery);
}

std::stop_source Lane::relieve(const SinkSettings& settings, Lane* fallback, SteadyTime until) {
  std::stop_source former;
  std::uint64_t shift = 0;
  {
    const std::lock_guard lock(mutex_);
    std::swap(former, shift_stop_);
    shift = ++shift_;
    shift_fallback_ = fallback;
    shift_lost_ = false;
    former_running_ = workers_running_;
    former_until_ = until;
    workers_running_ += settings.delivery.workers;
    adopt(settings);
  }
  attempts_.begin_shift(shift, settings.delivery);
  return former;
}

void Lane::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  room_.notify_all();
}

}  // namespace ship
