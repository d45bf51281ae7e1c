#include "base/time_zone.hpp"

#include <ctime>
#include <string>

#include "base/ascii.hpp"

namespace ship {
namespace {

Error not_a_zone(std::string_view text) {
  return Error{ErrorKind::config, "\"" + std::string(text) +
                                      "\" is not a time zone: local, UTC or a distance from UTC "
                                      "such as +02:00"};
}

}  // namespace

TimeZone TimeZone::local() {
  TimeZone zone;
  zone.local_ = true;
  return zone;
}

Result<TimeZone> TimeZone::parse(std::string_view text) {
  if (text == "local") return local();
  TimeZone zone;
  if (text == "UTC" || text == "utc" || text == "Z" || text == "GMT") return zone;
  if (text.size() < 2 || (text.front() != '+' && text.front() != '-')) return not_a_zone(text);
  std::string digits;
  for (const char c : text.substr(1)) {
    if (is_digit(c)) digits.push_back(c);
    if (!is_digit(c) && (c != ':' || digits.size() != 2)) return not_a_zone(text);
  }
  if (digits.size() < 3) {
    digits.append("00");
  }
  if (digits.size() < 3 || digits.size() > 4 || text.back() == ':') return not_a_zone(text);
  const int number = std::stoi(digits);
  if (number / 100 > 14 || number % 100 > 59) return not_a_zone(text);
  zone.offset_ = (number / 100) * 3600 + (number % 100) * 60;
  if (text.front() == '-') zone.offset_ = -zone.offset_;
  return zone;
}

std::int64_t TimeZone::offset_at(std::int64_t local_seconds) const {
  if (!local_) return offset_;
  const auto shown = static_cast<std::time_t>(local_seconds);
  std::tm fields{};
  if (::gmtime_r(&shown, &fields) == nullptr) return 0;
  fields.tm_isdst = -1;
  const std::time_t moment = std::mktime(&fields);
  return moment == -1 ? 0 : local_seconds - static_cast<std::int64_t>(moment);
}

}  // namespace ship
