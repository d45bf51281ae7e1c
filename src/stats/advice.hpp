#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stats/snapshot.hpp"

namespace ship {

/// What would have kept the records that a sink lost.
struct Advice {
  enum class Kind : std::uint8_t {
    bigger_queue,  ///< bursts were larger than the queue
    slow_sink,     ///< more comes than the sink takes
    failing_sink,  ///< it fails more than it delivers
    rejected,      ///< the server refuses these records
    expired,       ///< they became too old
    more_time,     ///< the run ended too early
    redaction,     ///< they could not be redacted
    too_large,     ///< the size guard dropped them
    disk           ///< what was written was read back damaged
  };
  Kind kind = Kind::slow_sink;
  std::string text;  ///< what to do, and the numbers behind it; one line
};

/// "slow_sink" and so on, for machines.
std::string_view advice_kind_text(Advice::Kind kind);

/// Advice on the reason for which most records were lost; none if none were. A pure function of the
/// sink's snapshot and the run's duration.
std::optional<Advice> advise(const LaneSnapshot& sink, double uptime_seconds);

}  // namespace ship
