#include <utility>

#include "delivery/lane.hpp"

// How a lane goes on by other settings while records come and go.

namespace ship {

Lane::WorkerContext Lane::worker_context() const {
  const std::lock_guard lock(mutex_);
  return {generation_, reopen_generation_, generation_fallback_, generation_stop_.get_token()};
}

void Lane::set_fallback(Lane* fallback) {
  const std::lock_guard lock(mutex_);
  generation_fallback_ = fallback;
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
  retry_.change(settings.delivery);
}

std::stop_source Lane::replace_workers(const SinkSettings& settings, Lane* fallback,
                                       SteadyTime until) {
  std::stop_source former;
  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    std::swap(former, generation_stop_);
    generation = ++generation_;
    generation_fallback_ = fallback;
    generation_lost_ = false;
    former_running_ = workers_running_;
    former_until_ = until;
    workers_running_ += settings.delivery.workers;
    adopt(settings);
  }
  retry_.begin_generation(generation, settings.delivery);
  return former;
}

void Lane::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  room_.notify_all();
}

}  // namespace ship
