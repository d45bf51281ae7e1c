#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// Where a time that names no zone was written: the machine's own zone, or a fixed distance from
/// UTC. A value; cheap to copy.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// The machine's zone, as TZ or /etc/localtime name it, with its summer time.
  static TimeZone local();
  /// "local", "UTC", "Z" or a distance such as "+02:00", "-0330", "+2". The error is of kind
  /// config.
  static Result<TimeZone> parse(std::string_view text);

  /// Seconds east of Greenwich at the moment when the clocks of the zone show `local_seconds`,
  /// counted as if they showed UTC. Where summer time makes that ambiguous, one of the two.
  std::int64_t offset_at(std::int64_t local_seconds) const;

 private:
  bool local_ = false;
  std::int64_t offset_ = 0;
};

}  // namespace ship
