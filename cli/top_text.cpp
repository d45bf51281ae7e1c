#include "cli/top_text.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

#include "base/number_text.hpp"

namespace ship {

std::string top_text::rate(std::optional<double> rate) {
  if (!rate) return "-/s";
  char text[32];
  if (*rate > 0 && *rate < 10) {
    std::snprintf(text, sizeof text, "%.1f/s", *rate);
    return text;
  }
  return grouped(static_cast<std::uint64_t>(std::llround(*rate))) + "/s";
}

std::string top_text::seconds(double seconds) {
  char text[32];
  if (seconds <= 0) return "-";
  if (seconds < 0.001)
    std::snprintf(text, sizeof text, "%.0f us", seconds * 1e6);
  else if (seconds < 1)
    std::snprintf(text, sizeof text, seconds < 0.01 ? "%.1f ms" : "%.0f ms", seconds * 1e3);
  else
    std::snprintf(text, sizeof text, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
  return text;
}

std::string top_text::uptime(double seconds) {
  const auto whole = static_cast<unsigned long long>(seconds);
  char text[64];
  if (whole >= 86400)
    std::snprintf(text, sizeof text, "%llu d %llu h", whole / 86400, whole / 3600 % 24);
  else if (whole >= 3600)
    std::snprintf(text, sizeof text, "%llu h %llu min", whole / 3600, whole / 60 % 60);
  else if (whole >= 60)
    std::snprintf(text, sizeof text, "%llu min %llu s", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%llu s", whole);
  return text;
}

}  // namespace ship
