#include "record/timestamp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/ascii.hpp"
#include "record/civil_date.hpp"
#include "record/written_time.hpp"

namespace ship {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// Two digits, or a number above 99 if they are not digits.
unsigned two_digits(const char* p) {
  const unsigned high = static_cast<unsigned char>(p[0] - '0');
  const unsigned low = static_cast<unsigned char>(p[1] - '0');
  return high < 10 && low < 10 ? high * 10 + low : 1000;
}

std::optional<WallNanos> in_range(std::int64_t seconds, std::int64_t nanos) {
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / kNanosPerSecond - 1;
  if (seconds > kLast || seconds < -kLast) return std::nullopt;
  return seconds * kNanosPerSecond + nanos;
}

// Nanoseconds in the unit of an epoch of this magnitude.
std::int64_t epoch_unit(double magnitude) {
  return magnitude < 1e11   ? kNanosPerSecond
         : magnitude < 1e14 ? 1'000'000
         : magnitude < 1e17 ? 1'000
                            : 1;
}

// The offset at the end of a timestamp, in seconds east of UTC.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || text == "Z" || text == "z" || text == "UTC") return 0;
  const char sign = text.front();
  if ((sign != '+' && sign != '-') || text.size() < 3) return std::nullopt;
  const unsigned hours = two_digits(text.data() + 1);
  std::string_view rest = text.substr(3);
  if (!rest.empty() && rest.front() == ':') rest.remove_prefix(1);
  if (rest.empty() ? text.size() != 3 : rest.size() != 2) return std::nullopt;
  const unsigned minutes = rest.empty() ? 0 : two_digits(rest.data());
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return sign == '+' ? seconds : -seconds;
}

// Checks the separators of "YYYY-MM-DDTHH:MM:SS".
bool has_date_shape(const char* p) {
  return p[4] == '-' && p[7] == '-' && (p[10] == 'T' || p[10] == ' ' || p[10] == 't') &&
         p[13] == ':' && p[16] == ':';
}

// The size of what precedes the seconds, including the colon.
constexpr std::size_t kMinuteSize = 17;

// When the minute at the start of `text` begins, in seconds since 1970; UTC.
std::optional<std::int64_t> parse_minute(const char* p) {
  const unsigned century = two_digits(p);
  const unsigned year_of_century = two_digits(p + 2);
  const unsigned month = two_digits(p + 5);
  const unsigned day = two_digits(p + 8);
  const unsigned hour = two_digits(p + 11);
  const unsigned minute = two_digits(p + 14);
  if (century > 99 || year_of_century > 99 || month - 1 > 11 || hour > 23 || minute > 59) {
    return std::nullopt;
  }
  const unsigned year = century * 100 + year_of_century;
  if (!is_in_month(day, month, year)) return std::nullopt;
  return days_from_civil(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60;
}

// The seconds of `text`, their fraction and the offset, after a known minute. None if something
// else follows; `zoneless` if nothing does.
std::optional<WallNanos> parse_in_minute(std::string_view text, std::int64_t minute,
                                         bool& zoneless) {
  const unsigned second = two_digits(text.data() + kMinuteSize);
  if (second > 60) return std::nullopt;
  std::size_t at = kMinuteSize + 2;
  std::int64_t nanos = 0;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    constexpr std::array<std::int64_t, 10> kUnits = {
        kNanosPerSecond, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
    const std::size_t first = ++at;
    while (at < text.size() && is_digit(text[at])) {
      if (at - first < 9) nanos = nanos * 10 + (text[at] - '0');
      ++at;
    }
    if (at == first) return std::nullopt;
    nanos *= kUnits[std::min<std::size_t>(at - first, 9)];
  }
  std::int64_t offset = 0;
  if (at + 1 != text.size() || text[at] != 'Z') {
    zoneless = at == text.size();
    const auto parsed = parse_offset(text.substr(at));
    if (!parsed) return std::nullopt;
    offset = *parsed;
  }
  return in_range(minute + second - offset, nanos);
}

}  // namespace

std::optional<WallNanos> parse_time(std::string_view text) { return TimeParser().parse(text); }

std::optional<WallNanos> TimeParser::parse_any(std::string_view text) {
  if (text.size() >= kMinuteSize + 2) {
    const char* const p = text.data();
    std::optional<WallNanos> time;
    bool zoneless = false;
    if (std::memcmp(p, minute_.data(), kMinuteSize) == 0) {
      time = parse_in_minute(text, seconds_, zoneless);
    } else if (has_date_shape(p)) {
      const auto minute = parse_minute(p);
      if (!minute || !in_range(*minute, 0) || !in_range(*minute + 60, 0)) return std::nullopt;
      std::memcpy(minute_.data(), p, kMinuteSize);
      seconds_ = *minute;
      time = parse_in_minute(text, seconds_, zoneless);
    }
    if (time) return zoneless ? in_zone(*time, seconds_) : time;
  }
  if (text.empty()) return std::nullopt;
  const auto written = read_written_time(text);
  if (written && written->has_date) {
    std::string_view rest = text.substr(written->size);
    // Go's monotonic clock after the time.
    if (rest.starts_with(" m=")) rest = {};
    return rest.empty() ? resolve(*written) : std::nullopt;
  }
  return is_digit(text.back()) ? parse_epoch(text) : std::nullopt;
}

// Asks for the zone's offset once a minute.
std::optional<WallNanos> TimeParser::in_zone(WallNanos shown, std::int64_t minute) {
  if (minute != zone_minute_) {
    zone_minute_ = minute;
    zone_offset_ = zone_.offset_at(minute);
  }
  const std::int64_t offset = zone_offset_ * kNanosPerSecond;
  WallNanos time = 0;
  if (__builtin_sub_overflow(shown, offset, &time)) return std::nullopt;
  return time;
}

std::optional<WallNanos> TimeParser::resolve(const WrittenTime& written) {
  std::int64_t seconds = written.seconds;
  if (!written.has_year) seconds = in_year(written);
  const auto shown = in_range(seconds - written.offset, written.nanos);
  if (!shown || written.has_zone) return shown;
  return in_zone(*shown, seconds - seconds % 60);
}

// The year that puts the time closest to now, at most a day ahead.
std::int64_t TimeParser::in_year(const WrittenTime& written) const {
  constexpr std::int64_t kWithoutYear = days_from_civil(1972, 1, 1) * kSecondsPerDay;
  const std::int64_t now = now_ / kNanosPerSecond;
  const std::int64_t of_year = written.seconds - kWithoutYear;
  // A leap year's days after February are a day later than those of other years.
  constexpr std::int64_t kFirstOfMarch = 60 * kSecondsPerDay;
  std::int64_t found = written.seconds;
  for (std::int64_t year = 1970 + now / (365 * kSecondsPerDay) + 1, tries = 0; tries < 6;
       --year, ++tries) {
    const bool leap = is_in_month(29, 2, static_cast<unsigned>(year));
    const bool leap_day = of_year >= kFirstOfMarch - kSecondsPerDay && of_year < kFirstOfMarch;
    if (leap_day && !leap) continue;
    found = days_from_civil(year, 1, 1) * kSecondsPerDay + of_year;
    if (of_year >= kFirstOfMarch && !leap) found -= kSecondsPerDay;
    if (found <= now + kSecondsPerDay) return found;
  }
  return found;
}

std::optional<WallNanos> parse_epoch(std::string_view number) {
  // Anything smaller is a duration, a date or a count.
  constexpr double kLeast = 1e8;
  const bool negative = !number.empty() && number.front() == '-';
  std::string_view digits = number.substr(negative ? 1 : 0);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view fraction = digits.substr(point < digits.size() ? point + 1 : point);
  std::uint64_t whole = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + point, whole);
  const bool plain = error == std::errc{} && end == digits.data() + point &&
                     std::all_of(fraction.begin(), fraction.end(), is_digit);
  if (!plain) {
    double value = 0;
    const char* last = number.data() + number.size();
    const auto parsed = std::from_chars(number.data(), last, value);
    if (parsed.ec != std::errc{} || parsed.ptr != last) return std::nullopt;
    const double nanos = value * static_cast<double>(epoch_unit(std::fabs(value)));
    if (!(value >= kLeast && nanos < 9.2e18)) return std::nullopt;
    // A double of a present-day epoch is not exact beyond microseconds.
    return std::llround(nanos / 1000) * 1000;
  }

  if (negative || static_cast<double>(whole) < kLeast) return std::nullopt;
  std::int64_t unit = epoch_unit(static_cast<double>(whole));
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / unit - 1);
  if (whole > most) return std::nullopt;
  std::int64_t nanos = static_cast<std::int64_t>(whole) * unit;
  for (const char c : fraction) {
    unit /= 10;
    if (unit == 0) break;
    nanos += (c - '0') * unit;
  }
  return nanos;
}

std::optional<EpochField> read_epoch_field(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789.e+");
  if (end == std::string_view::npos || (text[end] != ' ' && text[end] != '\t')) return std::nullopt;
  const std::string_view number = text.substr(0, end);
  const std::size_t whole = std::min(number.find('.'), number.size());
  if (whole != 10 && whole != 13 && whole != 1) return std::nullopt;
  const auto time = parse_epoch(number);
  return time ? std::optional<EpochField>({end, *time}) : std::nullopt;
}

char* write_rfc3339(char* out, WallNanos time, unsigned fraction_digits) {
  std::int64_t days = time / (kSecondsPerDay * kNanosPerSecond);
  std::int64_t rest = time % (kSecondsPerDay * kNanosPerSecond);
  if (rest < 0) {
    rest += kSecondsPerDay * kNanosPerSecond;
    --days;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};

  const auto put = [&out](unsigned value, unsigned digits, char after) {
    for (unsigned i = digits; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
    out += digits;
    *out++ = after;
  };
  const auto seconds = static_cast<unsigned>(rest / kNanosPerSecond);
  auto nanos = static_cast<unsigned>(rest % kNanosPerSecond);
  put(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  put(static_cast<unsigned>(date.month()), 2, '-');
  put(static_cast<unsigned>(date.day()), 2, 'T');
  put(seconds / 3600, 2, ':');
  put(seconds / 60 % 60, 2, ':');
  put(seconds % 60, 2, 'Z');
  fraction_digits = std::min(fraction_digits, 9u);
  if (fraction_digits > 0) {
    for (unsigned i = fraction_digits; i < 9; ++i) nanos /= 10;
    out[-1] = '.';
    put(nanos, fraction_digits, 'Z');
  }
  return out;
}

std::string format_rfc3339(WallNanos time, unsigned fraction_digits) {
  char text[kMaxRfc3339];
  return std::string(text, write_rfc3339(text, time, fraction_digits));
}

}  // namespace ship
