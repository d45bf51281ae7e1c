#pragma once

#include <array>
#include <cstdint>

#include "sinks/sink_environment.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// Reports the losses in the ledger of one lane step by step; each is reported once. Not
/// thread-safe: its lane's mutex guards it.
class LossMeter {
 public:
  /// What `counts` has gained since the last call: drops by reason, dead letters and diverted
  /// records. In addition, what waits now.
  SinkLosses take(const LaneCounts& counts);

 private:
  std::array<std::uint64_t, kDropReasons + 2> told_{};
};

}  // namespace ship
