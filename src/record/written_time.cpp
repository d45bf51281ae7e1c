#include "record/written_time.hpp"

#include <array>
#include <cstring>

#include "base/ascii.hpp"
#include "record/civil_date.hpp"
#include "record/zone_name.hpp"

namespace ship {
namespace {

/// A leap year, so that February 29 is valid.
constexpr unsigned kNoYear = 1972;

/// Scans the text; a step that does not match leaves the position unchanged.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  /// A number of `least` to `most` digits not followed by a digit.
  std::optional<unsigned> number(std::size_t least, std::size_t most) {
    unsigned value = 0;
    std::size_t digits = 0;
    while (is_digit(peek(digits))) {
      if (digits == most) return std::nullopt;
      value = value * 10 + static_cast<unsigned>(peek(digits) - '0');
      ++digits;
    }
    if (digits < least) return std::nullopt;
    at_ += digits;
    return value;
  }
  /// "Jan", "January": the first three letters count only if the full name or nothing follows.
  unsigned month() {
    constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (text_.size() < at_ + 3) return 0;
    std::array<char, 3> name{};
    for (std::size_t i = 0; i < 3; ++i) name[i] = static_cast<char>(text_[at_ + i] | 0x20);
    const std::size_t found = kMonths.find(std::string_view(name.data(), 3));
    if (found == std::string_view::npos || found % 3 != 0 || is_letter(peek(3))) return 0;
    at_ += 3;
    return static_cast<unsigned>(found / 3 + 1);
  }
  void weekday() {
    constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
    if (text_.size() < at_ + 4) return;
    const std::size_t found = kDays.find(text_.substr(at_, 3));
    if (found == std::string_view::npos || found % 3 != 0) return;
    const std::size_t start = at_;
    at_ += 3;
    take(',');
    if (!take(' ')) at_ = start;
  }
  std::string_view rest() const { return text_.substr(at_); }
  /// Whether the last character taken is `c`.
  bool is_behind(char c) const { return at_ > 0 && text_[at_ - 1] == c; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Date {
  unsigned year = kNoYear;
  unsigned month = 0;
  unsigned day = 0;
};

bool set_date(WrittenTime& time, const Date& date) {
  if (date.month < 1 || date.month > 12 || !is_in_month(date.day, date.month, date.year)) {
    return false;
  }
  time.seconds += days_from_civil(date.year, date.month, date.day) * kSecondsPerDay;
  return true;
}

/// "03:04:05", "3:04:05.678", "03:04:05,678"; `half_day`: also "3:04:05 PM".
bool read_clock(Scanner& scan, WrittenTime& time, bool half_day = false) {
  const auto hour = scan.number(1, 2);
  if (!hour || !scan.take(':')) return false;
  const auto minute = scan.number(2, 2);
  if (!minute || !scan.take(':')) return false;
  const auto second = scan.number(2, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return false;
  if ((scan.peek() == '.' || scan.peek() == ',') && is_digit(scan.peek(1))) {
    scan.take(scan.peek());
    std::int32_t unit = 100'000'000;
    for (; is_digit(scan.peek()); scan.take(scan.peek())) {
      time.nanos += (scan.peek() - '0') * unit;
      unit /= 10;
    }
  }
  unsigned hours = *hour;
  if (half_day && (scan.peek() == ' ' || scan.peek() == '\xE2')) {
    const std::size_t start = scan.at();
    // Java 20 puts a narrow no-break space there.
    if (!scan.take_word("\xE2\x80\xAF")) scan.take(' ');
    const bool am = scan.take_word("AM");
    if (am || scan.take_word("PM")) {
      if (hours < 1 || hours > 12) return false;
      hours = hours % 12 + (am ? 0 : 12);
    } else {
      scan.back_to(start);
    }
  }
  time.seconds += hours * 3600 + *minute * 60 + *second;
  return true;
}

/// "+02:00", "-0330", "+02"
bool read_distance(Scanner& scan, WrittenTime& time) {
  const char sign = scan.peek();
  if (sign != '+' && sign != '-') return false;
  unsigned digits[4] = {};
  std::size_t count = 0;
  std::size_t ahead = 1;
  for (; count < 4; ++ahead) {
    const char c = scan.peek(ahead);
    if (c == ':' && count == 2 && is_digit(scan.peek(ahead + 1))) continue;
    if (!is_digit(c)) break;
    digits[count++] = static_cast<unsigned>(c - '0');
  }
  if ((count != 2 && count != 4) || is_digit(scan.peek(ahead))) return false;
  const unsigned hours = digits[0] * 10 + digits[1];
  const unsigned minutes = digits[2] * 10 + digits[3];
  if (hours > 23 || minutes > 59) return false;
  for (; ahead > 0; --ahead) scan.take(scan.peek());
  const auto seconds = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  time.offset = sign == '+' ? seconds : -seconds;
  time.has_zone = true;
  return true;
}

bool read_zone_name(Scanner& scan, WrittenTime& time) {
  std::size_t size = 0;
  while (is_letter(scan.peek(size))) ++size;
  if (size < 3 || size > 4) return false;
  const std::string_view name = scan.rest().substr(0, size);
  const auto minutes = zone_minutes(name);
  if (!minutes) return false;
  scan.take_word(name);
  time.offset = *minutes * 60;
  time.has_zone = true;
  return true;
}

/// The zone after a time, if there is one, and what repeats it.
void read_zone(Scanner& scan, WrittenTime& time) {
  if ((scan.peek() == 'Z' || scan.peek() == 'z') && !is_letter(scan.peek(1))) {
    scan.take(scan.peek());
    time.has_zone = true;
  } else if (!read_distance(scan, time) && !read_zone_name(scan, time)) {
    const std::size_t start = scan.at();
    if (!scan.take(' ') || (!read_distance(scan, time) && !read_zone_name(scan, time))) {
      scan.back_to(start);
      return;
    }
  }
  // "Z[UTC]", "+01:00[Europe/Berlin]"
  if (scan.peek() == '[' && is_letter(scan.peek(1))) {
    const std::string_view rest = scan.rest();
    const std::size_t end = rest.find(']');
    if (end != std::string_view::npos && end < 40) scan.take_word(rest.substr(0, end + 1));
    return;
  }
  // Go's "+0000 UTC"
  const std::size_t start = scan.at();
  WrittenTime again;
  if (!scan.take(' ') || is_digit(scan.peek()) || !read_zone_name(scan, again)) {
    scan.back_to(start);
  }
}

/// After a date: what separates it from the clock time.
bool take_separator(Scanner& scan, bool colon) {
  if (scan.take('T') || scan.take('t')) return true;
  if (colon && scan.take(':')) return scan.take(':') || true;
  if (!scan.take(' ')) return false;
  scan.take(' ');  // MariaDB pads the hour
  return true;
}

std::optional<WrittenTime> year_first(Scanner scan) {
  WrittenTime time;
  Date date;
  const auto year = scan.number(4, 4);
  const char mark = scan.peek();
  if (!year || (mark != '-' && mark != '/' && mark != '.')) return std::nullopt;
  scan.take(mark);
  const auto month = scan.number(2, 2);
  if (!month || !scan.take(mark)) return std::nullopt;
  const auto day = scan.number(2, 2);
  if (!day) return std::nullopt;
  date = {*year, *month, *day};
  if (!set_date(time, date) || !take_separator(scan, false) || !read_clock(scan, time)) {
    return std::nullopt;
  }
  read_zone(scan, time);
  time.size = scan.at();
  return time;
}

/// "02/Jan/2026:03:04:05", "02 Jan 2026 03:04:05", "02-Jan-2026 03:04:05"
std::optional<WrittenTime> day_first(Scanner scan) {
  WrittenTime time;
  scan.weekday();
  const auto day = scan.number(1, 2);
  const char mark = scan.peek();
  if (!day || (mark != '/' && mark != ' ' && mark != '-')) return std::nullopt;
  scan.take(mark);
  const unsigned month = scan.month();
  if (month == 0 || !scan.take(mark)) return std::nullopt;
  const auto year = scan.number(4, 4);
  if (!year || !set_date(time, {*year, month, *day}) || !take_separator(scan, true) ||
      !read_clock(scan, time)) {
    return std::nullopt;
  }
  read_zone(scan, time);
  time.size = scan.at();
  return time;
}

/// "Fri Jan  2 03:04:05 2026", "Jan  2 03:04:05", "Jan 02, 2026 3:04:05 AM"
std::optional<WrittenTime> month_first(Scanner scan) {
  WrittenTime time;
  scan.weekday();
  Date date;
  date.month = scan.month();
  if (date.month == 0 || !scan.take(' ')) return std::nullopt;
  scan.take(' ');
  const auto day = scan.number(1, 2);
  if (!day) return std::nullopt;
  date.day = *day;
  const bool java = scan.take(',');
  if (!scan.take(' ')) return std::nullopt;
  std::size_t digits = 0;
  while (is_digit(scan.peek(digits))) ++digits;
  time.has_year = false;
  if (digits == 4) {
    date.year = *scan.number(4, 4);
    time.has_year = true;
    if (java) scan.take(',');
    if (!scan.take(' ')) return std::nullopt;
  }
  if (!read_clock(scan, time, time.has_year)) return std::nullopt;
  if (!time.has_year) {
    const std::size_t start = scan.at();
    if (scan.take(' ')) {
      if (read_zone_name(scan, time)) scan.take(' ');
      const auto year = scan.number(4, 4);
      if (year && *year >= 1970) {
        date.year = *year;
        time.has_year = true;
      } else {
        time.has_zone = false;
        time.offset = 0;
        scan.back_to(start);
      }
    }
  }
  if (!set_date(time, date)) return std::nullopt;
  if (!time.has_zone) read_zone(scan, time);
  time.size = scan.at();
  return time;
}

/// "1/2/2026, 3:04:05 AM": only with AM or PM is it certain that the month comes first.
std::optional<WrittenTime> american(Scanner scan) {
  WrittenTime time;
  const auto month = scan.number(1, 2);
  if (!month || !scan.take('/')) return std::nullopt;
  const auto day = scan.number(1, 2);
  if (!day || !scan.take('/')) return std::nullopt;
  const auto year = scan.number(4, 4);
  if (!year || !set_date(time, {*year, *month, *day}) || !scan.take(',') || !scan.take(' ') ||
      !read_clock(scan, time, true) || !scan.is_behind('M')) {
    return std::nullopt;
  }
  time.size = scan.at();
  return time;
}

/// "260102 03:04:05"
std::optional<WrittenTime> two_digits_each(Scanner scan) {
  WrittenTime time;
  const auto date = scan.number(6, 6);
  if (!date || !set_date(time, {2000 + *date / 10'000, *date / 100 % 100, *date % 100}) ||
      !take_separator(scan, false) || !read_clock(scan, time)) {
    return std::nullopt;
  }
  time.size = scan.at();
  return time;
}

/// "01-02 03:04:05.678" from Android's logcat.
std::optional<WrittenTime> month_and_day(Scanner scan) {
  WrittenTime time;
  time.has_year = false;
  const auto month = scan.number(2, 2);
  if (!month || !scan.take('-')) return std::nullopt;
  const auto day = scan.number(2, 2);
  if (!day || !scan.take(' ') || !set_date(time, {kNoYear, *month, *day}) ||
      !read_clock(scan, time)) {
    return std::nullopt;
  }
  time.size = scan.at();
  return time;
}

std::optional<WrittenTime> clock_alone(Scanner scan) {
  WrittenTime time;
  time.has_date = false;
  time.has_year = false;
  if (!is_digit(scan.peek(1)) || !read_clock(scan, time)) return std::nullopt;
  time.size = scan.at();
  return time;
}

}  // namespace

std::optional<WrittenTime> read_written_time(std::string_view text) {
  const Scanner scan(text);
  std::optional<WrittenTime> time;
  if (is_letter(scan.peek())) {
    // Of all words, only names of months and days start a time.
    constexpr std::string_view kFirst = "JFMASONDTW";
    if (kFirst.find(static_cast<char>(scan.peek() & ~0x20)) == std::string_view::npos) return time;
    time = month_first(scan);
    return time ? time : day_first(scan);
  }
  if (!is_digit(scan.peek())) return time;
  std::size_t digits = 1;
  while (digits < 7 && is_digit(scan.peek(digits))) ++digits;
  if (digits == 4) {
    time = year_first(scan);
  } else if (digits == 6) {
    time = two_digits_each(scan);
  } else if (digits <= 2) {
    switch (scan.peek(digits)) {
      case ':':
        time = clock_alone(scan);
        break;
      case '-':
        time = month_and_day(scan);
        if (!time) time = day_first(scan);
        break;
      case '/':
      case ' ':
        time = american(scan);
        if (!time) time = day_first(scan);
        break;
      default:
        break;
    }
  }
  return time;
}

std::optional<WrittenTime> read_klog_time(std::string_view text) {
  Scanner scan(text);
  WrittenTime time;
  time.has_year = false;
  const auto date = scan.number(4, 4);
  if (!date || !scan.take(' ') || !set_date(time, {kNoYear, *date / 100, *date % 100}) ||
      !read_clock(scan, time)) {
    return std::nullopt;
  }
  time.size = scan.at();
  return time;
}

std::size_t short_clock_size(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 2 && is_digit(text[at])) ++at;
  const std::string_view rest = text.substr(at);
  const bool is_clock = at > 0 && rest.size() >= 5 && rest[0] == ':' && is_digit(rest[1]) &&
                        is_digit(rest[2]) && (rest[3] == 'A' || rest[3] == 'P') && rest[4] == 'M';
  return is_clock ? at + 5 : 0;
}

}  // namespace ship
