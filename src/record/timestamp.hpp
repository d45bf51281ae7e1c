#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "record/written_time.hpp"

namespace ship {

/// The time that `text` names, as log libraries write it: RFC 3339 ("2026-11-22T09:09:09.624Z"),
/// also with a space for the T, a comma before the fraction, "+0200" for "+02:00", or no offset at
/// all (then UTC), ignoring digits beyond nanoseconds; and the other forms of read_written_time
/// that have a date. Digits alone are an epoch, see `parse_epoch`. None if the text is something
/// else or outside 1678 to 2262.
std::optional<WallNanos> parse_time(std::string_view text);

/// parse_time for many texts, most of which, as in a log, name the same minute as the one before:
/// each minute is computed once. A time without a zone is in `zone`; a time without a year is the
/// last one before `now`. Not thread-safe.
class TimeParser {
 public:
  explicit TimeParser(TimeZone zone = {}) : zone_(zone) {}

  void set_now(WallNanos now) { now_ = now; }
  std::optional<WallNanos> parse(std::string_view text) {
    const auto milliseconds = in_same_minute(text);
    return milliseconds ? milliseconds : parse_any(text);
  }
  /// Resolves a time that has already been read and has a date.
  std::optional<WallNanos> resolve(const WrittenTime& written);

 private:
  std::optional<WallNanos> parse_any(std::string_view text);
  std::optional<WallNanos> in_zone(WallNanos shown, std::int64_t minute);
  std::int64_t in_year(const WrittenTime& written) const;

  /// A time in the form that most times in a log have, "…:09.624Z", checked all at once.
  std::optional<WallNanos> in_same_minute(std::string_view text) const {
    constexpr std::uint64_t kForm = 0x5a3030302e30303a;  // ":00.000Z", its first byte the lowest
    constexpr std::size_t kMinute = 17;
    if (text.size() != kMinute + 7 || std::memcmp(text.data(), minute_.data(), kMinute) != 0) {
      return std::nullopt;
    }
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + kMinute - 1, sizeof word);
    word ^= kForm;
    const std::uint64_t digits = word + 0x0006060600060600;  // a digit and 6 stay below 16
    if (((word | digits) & 0xfff0f0f0fff0f0ff) != 0) return std::nullopt;
    const auto digit = [word](unsigned at) {
      return static_cast<std::int64_t>(word >> (8 * at) & 0xf);
    };
    const std::int64_t second = digit(1) * 10 + digit(2);
    if (second > 59) return std::nullopt;
    const std::int64_t milliseconds = digit(4) * 100 + digit(5) * 10 + digit(6);
    return (seconds_ + second) * 1'000'000'000 + milliseconds * 1'000'000;
  }

  std::array<char, 18> minute_{"1970-01-01T00:00:"};  ///< as it was written
  std::int64_t seconds_ = 0;                          ///< at which it begins
  TimeZone zone_;
  WallNanos now_ = 0;
  std::int64_t zone_minute_ = 1;  ///< whose UTC offset is known; no minute begins at 1
  std::int64_t zone_offset_ = 0;
};

/// The time of an epoch number as JSON writes it ("1700000000", "1700000000.25", "1.7e9"). Its
/// magnitude decides the unit: below 1e11 seconds, below 1e14 milliseconds, below 1e17
/// microseconds, else nanoseconds. Digits below a nanosecond are ignored. None if it is not a
/// number, below 1e8 (a duration, a date written as digits) or beyond 2262.
std::optional<WallNanos> parse_epoch(std::string_view number);

/// An epoch as the first field of a line of text: "1767323045.678 …", zap's "1.767323045678e+09 …".
struct EpochField {
  std::size_t size = 0;  ///< in bytes
  WallNanos time = 0;
};
std::optional<EpochField> read_epoch_field(std::string_view text);

/// The longest text that `write_rfc3339` writes.
inline constexpr std::size_t kMaxRfc3339 = 30;

/// Writes `time` in UTC as "2026-11-22T09:09:09.624Z" with `fraction_digits` (0 to 9, truncated,
/// not rounded) after the seconds. `out` has room for kMaxRfc3339 bytes. Returns the end of what
/// was written.
char* write_rfc3339(char* out, WallNanos time, unsigned fraction_digits = 3);

/// The same as a string.
std::string format_rfc3339(WallNanos time, unsigned fraction_digits = 3);

}  // namespace ship
