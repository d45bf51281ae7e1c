#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "record/written_time.hpp"

namespace ship {

/// The moment that `text` names, as log libraries write it: RFC 3339 ("2026-11-22T09:09:09.624Z"),
/// also with a blank for the T, a comma before the fraction, "+0200" for "+02:00", and no offset at
/// all (then UTC); digits beyond ns are ignored; and the other forms of read_written_time that have
/// a date. Text of digits is an epoch, see `parse_epoch`. None where the text is something else or
/// lies outside of 1678 to 2262.
std::optional<WallNanos> parse_time(std::string_view text);

/// parse_time for many texts, most of which name a moment in the same minute as the one before, as
/// those of a log do: that minute is worked out once. A time without a zone is one of `zone`, a
/// time without a year is the last one before `now`. Not thread-safe.
class TimeParser {
 public:
  explicit TimeParser(TimeZone zone = {}) : zone_(zone) {}

  void set_now(WallNanos now) { now_ = now; }
  std::optional<WallNanos> parse(std::string_view text);
  /// The moment of a time that was read already and has a date.
  std::optional<WallNanos> resolve(const WrittenTime& written);

 private:
  std::optional<WallNanos> in_zone(WallNanos shown, std::int64_t minute);
  std::int64_t in_year(const WrittenTime& written) const;

  std::array<char, 18> minute_{"1970-01-01T00:00:"};  ///< as it was written
  std::int64_t seconds_ = 0;                          ///< at which it begins
  TimeZone zone_;
  WallNanos now_ = 0;
  std::int64_t zone_minute_ = 1;  ///< whose distance from UTC is known; no minute begins at 1
  std::int64_t zone_offset_ = 0;
};

/// The moment of an epoch number as JSON writes it ("1700000000", "1700000000.25", "1.7e9"). Its
/// unit is told by its magnitude: below 1e11 seconds, below 1e14 milliseconds, below 1e17
/// microseconds, else nanoseconds. Digits below a nanosecond are ignored. None where it is not a
/// number, below 1e8 (a duration, a date written as digits) or beyond 2262.
std::optional<WallNanos> parse_epoch(std::string_view number);

/// The longest text that `write_rfc3339` makes.
inline constexpr std::size_t kMaxRfc3339 = 30;

/// Writes `time` in UTC as "2026-11-22T09:09:09.624Z" with `fraction_digits` (0 to 9, cut, not
/// rounded) behind the seconds. `out` has room for kMaxRfc3339 bytes. Returns the end of what was
/// written.
char* write_rfc3339(char* out, WallNanos time, unsigned fraction_digits = 3);

/// The same as a string of its own.
std::string format_rfc3339(WallNanos time, unsigned fraction_digits = 3);

}  // namespace ship
