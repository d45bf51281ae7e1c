#include "base/number_text.hpp"

#include <array>
#include <cstdio>

namespace ship {

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string counted(std::uint64_t number, const char* one) {
  return grouped(number) + " " + one + (number == 1 ? "" : "s");
}

std::string seconds_text(double seconds) {
  if (seconds <= 0) return "-";
  const char* const unit = seconds < 0.001 ? "us" : seconds < 1 ? "ms" : "s";
  const double value = seconds * (seconds < 0.001 ? 1e6 : seconds < 1 ? 1e3 : 1);
  char text[32];
  std::snprintf(text, sizeof text, "%.*f%s", value < 10 ? 1 : 0, value, unit);
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 4> kUnits = {" KB", " MB", " GB", " TB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f%s", value < 10 ? 1 : 0, value, kUnits[unit]);
  return text;
}

}  // namespace ship
