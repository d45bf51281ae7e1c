#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The zone of a time that names none: the machine's own zone, or a fixed offset from UTC. A value;
/// cheap to copy.
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// The machine's zone, as TZ or /etc/localtime names it, with its daylight saving time.
  static TimeZone local();
  /// "local", "UTC", "Z" or an offset such as "+02:00", "-0330", "+2". Errors: config.
  static Result<TimeZone> parse(std::string_view text);

  /// The UTC offset in seconds, east positive, when clocks in the zone show `local_seconds`,
  /// counted as if they showed UTC. If daylight saving time makes that ambiguous, one of the two.
  std::int64_t offset_at(std::int64_t local_seconds) const;

 private:
  bool local_ = false;
  std::int64_t offset_ = 0;
};

}  // namespace ship
