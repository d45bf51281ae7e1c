#pragma once

#include <cstdint>

namespace ship {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days from 1970-01-01 to a date of the Gregorian calendar, negative before it. Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms".
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

/// Whether `month`, 1 to 12, has that day in that year.
constexpr bool is_in_month(unsigned day, unsigned month, unsigned year) {
  constexpr unsigned char kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day != 29 || month != 2) return day >= 1 && day <= kDays[month - 1];
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

}  // namespace ship
