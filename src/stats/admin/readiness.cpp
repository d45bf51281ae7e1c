#include "stats/admin/readiness.hpp"

#include <algorithm>

namespace ship {

void Readiness::see(const StatsSnapshot& snapshot, SteadyTime now) {
  reasons_.clear();
  std::map<std::string, SteadyTime> full;
  for (const LaneSnapshot& sink : snapshot.sinks) {
    if (sink.filled() <= kFullShare) continue;
    const auto known = full_since_.find(sink.name);
    const SteadyTime since = known == full_since_.end() ? now : known->second;
    full.emplace(sink.name, since);
    if (now - since >= kFullFor) {
      reasons_.push_back("the queue of sink " + sink.name + " has been above 90 % for " +
                         std::to_string((now - since) / std::chrono::seconds(1)) + " s");
    }
  }
  full_since_ = std::move(full);
  const bool all_open =
      !snapshot.sinks.empty() &&
      std::all_of(snapshot.sinks.begin(), snapshot.sinks.end(),
                  [](const LaneSnapshot& sink) { return sink.breaker != "closed"; });
  if (!all_open) return;
  for (const LaneSnapshot& sink : snapshot.sinks) {
    reasons_.push_back("the breaker of sink " + sink.name + " is " + sink.breaker);
  }
}

}  // namespace ship
