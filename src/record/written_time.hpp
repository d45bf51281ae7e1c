#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ship {

/// A time as a logger wrote it, before the zone or year that it leaves out is known.
struct WrittenTime {
  std::size_t size = 0;      ///< bytes of text that it takes
  std::int64_t seconds = 0;  ///< since 1970, as the clock showed them; in 1972 if it has no year
  std::int32_t nanos = 0;
  std::int32_t offset = 0;  ///< seconds east of UTC
  bool has_zone = false;
  bool has_year = true;
  bool has_date = true;  ///< false: only a clock time, "03:04:05.678"
};

/// Reads the time at the start of `text`, as far as it goes:
///
///   2026-01-02T03:04:05.678Z           also with a space, '/', '.' or a comma; "+0000 UTC",
///                                      "+01:00[Europe/Berlin]", "CET"
///   02/Jan/2026:03:04:05 +0000         Apache, nginx
///   Fri, 02 Jan 2026 03:04:05 GMT      RFC 1123; "02 Jan 2026 03:04:05.678", "02-Jan-2026 …"
///   Fri Jan  2 03:04:05.678 2026       asctime; "Fri Jan  2 03:04:05 UTC 2026"
///   Jan  2 03:04:05                    RFC 3164, no year
///   Jan 02, 2026 3:04:05 AM            java.util.logging
///   1/2/2026, 3:04:05 AM               JavaScript's toLocaleString, in NestJS
///   260102 03:04:05                    Tornado, MySQL up to 5.6
///   01-02 03:04:05.678                 logcat, no year
///   03:04:05.678                       a clock time
///
/// None if it starts with something else. Linear in the bytes that it takes; any thread.
std::optional<WrittenTime> read_written_time(std::string_view text);

/// "0102 03:04:05.678", klog's month and day with nothing in between.
std::optional<WrittenTime> read_klog_time(std::string_view text);

/// The size of a time of day at the start of `text` as zerolog's console writes it, "3:04AM"; 0:
/// none.
std::size_t short_clock_size(std::string_view text);

}  // namespace ship
