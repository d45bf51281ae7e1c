#pragma once

#include <chrono>
#include <cstdint>

namespace ship {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days from 1970-01-01 to a date of the Gregorian calendar, negative before it.
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(static_cast<int>(year)) /
                               std::chrono::month(month) / std::chrono::day(day))
      .time_since_epoch()
      .count();
}

/// Whether `month`, 1 to 12, has that day in that year.
constexpr bool is_in_month(unsigned day, unsigned month, unsigned year) {
  // A day of chrono has one byte.
  return day <= 31 && (std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) /
                       std::chrono::day(day))
                          .ok();
}

}  // namespace ship
