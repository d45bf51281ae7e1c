#include "sinks/syslog_severity.hpp"

#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace ship {
namespace {

bool is_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

}  // namespace

std::uint8_t syslog_severity(const Record& record) {
  static constexpr std::array<std::pair<std::string_view, std::uint8_t>, 5> kWords = {
      {{"emerg", 0}, {"emergency", 0}, {"panic", 0}, {"alert", 1}, {"notice", 5}}};
  switch (record.level.name) {
    case LevelName::audit:
      return 5;
    case LevelName::security:
      return 4;
    default:
      break;
  }
  const std::string_view name = record.level_name();
  for (const auto& [word, severity] : kWords) {
    if (is_word(name, word)) return severity;
  }
  const Severity severity = record.level.severity;
  if (severity >= 50) return 2;
  if (severity >= 40) return 3;
  if (severity >= 30) return 4;
  return severity >= 20 ? 6 : 7;
}

}  // namespace ship
