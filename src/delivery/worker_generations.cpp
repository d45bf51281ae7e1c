#include "delivery/worker_generations.hpp"

#include <algorithm>
#include <utility>

namespace ship {

std::stop_source WorkerGenerations::replace(std::uint32_t workers, LaneTargets targets,
                                            SteadyTime until) {
  ++generation_;
  targets_ = targets;
  lost_ = false;
  former_running_ = running_;
  former_until_ = until;
  running_ += workers;
  batches_ = 0;
  return std::exchange(stop_, std::stop_source());
}

bool WorkerGenerations::must_wait(SteadyTime now, SteadyTime& look_again) const {
  if (former_running_ == 0 || now >= former_until_) return false;
  look_again = std::min(look_again, former_until_);
  return true;
}

void WorkerGenerations::worker_ended(const WorkerContext& context) {
  --running_;
  if (!is_present(context)) --former_running_;
}

bool WorkerGenerations::lost(const WorkerContext& context) {
  if (!is_present(context) || lost_) return false;
  lost_ = true;
  return true;
}

bool WorkerGenerations::must_reopen(WorkerContext& context) const {
  return std::exchange(context.reopen_seen, reopens_) != reopens_;
}

}  // namespace ship
