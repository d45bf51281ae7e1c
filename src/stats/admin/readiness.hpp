#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// Whether records get through: what /readyz reports. Not thread-safe.
class Readiness {
 public:
  /// A burst may fill a queue for a shorter time.
  static constexpr std::chrono::seconds kFullFor{10};
  static constexpr double kFullShare = 0.9;

  /// Call it at least once a second.
  void see(const StatsSnapshot& snapshot, SteadyTime now);

  /// Empty: ready. Else a line for each reason: no sink accepts anything (every breaker is open or
  /// half-open), or a queue has been over 90 % of its records or bytes for 10 s.
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  std::map<std::string, SteadyTime> full_since_;
  std::vector<std::string> reasons_;
};

}  // namespace ship
