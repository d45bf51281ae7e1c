#pragma once

#include <array>
#include <cstdint>

#include "sinks/sink_environment.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// Tells the losses in the books of one lane piece by piece: each is told once. Not thread-safe: its
/// lane's mutex guards it.
class LossMeter {
 public:
  /// What `counts` has beyond those of the last call: drops by their reason, dead letters and
  /// records that were diverted. Beside that, what waits now.
  SinkLosses take(const LaneCounts& counts);

 private:
  std::array<std::uint64_t, kDropReasons + 2> told_{};
};

}  // namespace ship
