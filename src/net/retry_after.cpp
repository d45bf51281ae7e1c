#include "net/retry_after.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <curl/curl.h>
#include <string>

namespace ship {
namespace {

constexpr std::int64_t kMaxRetryAfterSeconds = 24 * 3600;

}  // namespace

using std::chrono::milliseconds;

std::optional<milliseconds> parse_retry_after(std::string_view value, WallNanos now) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  if (value.empty()) return std::nullopt;

  std::int64_t seconds = 0;
  if (std::isdigit(static_cast<unsigned char>(value.front()))) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (end != value.data() + value.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) seconds = kMaxRetryAfterSeconds;
  } else {
    // curl's parser accepts much more than HTTP dates; these all start with the day of the week.
    if (!std::isalpha(static_cast<unsigned char>(value.front()))) return std::nullopt;
    const std::time_t date = curl_getdate(std::string(value).c_str(), nullptr);
    if (date == -1) return std::nullopt;
    seconds = static_cast<std::int64_t>(date) - now / 1'000'000'000;
  }
  return milliseconds(std::clamp<std::int64_t>(seconds, 0, kMaxRetryAfterSeconds) * 1000);
}

}  // namespace ship
