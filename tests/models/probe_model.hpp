#pragma once

#include <array>
#include <charconv>
#include <string_view>

#include "record/level.hpp"
#include "record/probe.hpp"
#include "record/timestamp.hpp"
#include "tests/models/json_model.hpp"

namespace ship::model {

/// What the probe must find, by looking names up in a tree. Level texts with numbers in odd
/// notations are left to the tests that name them.
inline Finding find(std::string_view line) {
  Finding finding;
  const auto object = JsonReader(line).object();
  if (!object) {
    finding.fault = Fault::grammar;
    return finding;
  }
  const auto place = [&object](std::string_view name) -> const Value* {
    if (!name.starts_with("log.")) return object->find(name);
    const Value* log = object->find("log");
    return log ? log->find(name.substr(4)) : nullptr;
  };
  constexpr std::array<std::string_view, 7> kLevels = {
      "log.level", "level", "severity", "levelname", "lvl", "log_level", "@l"};
  constexpr std::array<std::string_view, 6> kTimes = {"log.timestamp", "timestamp", "time", "ts",
                                                      "@timestamp",    "@t"};
  const auto is_number = [](std::string_view raw) {
    return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
  };
  for (const std::string_view name : kLevels) {
    const Value* value = place(name);
    if (!value) continue;
    const bool string = value->raw[0] == '"';
    if (!string && !is_number(value->raw)) continue;
    const std::string_view text = string ? value->raw.substr(1, value->raw.size() - 2) : value->raw;
    if (text.empty()) continue;
    finding.has_level = true;
    if (is_number(text)) {
      double number = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
      if (parsed.ptr == text.data() + text.size() && parsed.ec != std::errc::invalid_argument) {
        if (parsed.ec != std::errc{}) number = text[0] == '-' ? -1e300 : 1e300;
        finding.level = name == "level" && !object->find("message")
                            ? level_from_pino_number(number)
                            : level_from_python_number(number);
        break;
      }
    }
    finding.level = parse_level(text).value_or(Level{LevelName::other, 20});
    if (text.size() <= 255 && text.find('\\') == std::string_view::npos) {
      finding.level_at = static_cast<std::uint32_t>(text.data() - line.data());
      finding.level_size = static_cast<std::uint8_t>(text.size());
    }
    break;
  }
  for (const std::string_view name : kTimes) {
    const Value* value = place(name);
    if (!value) continue;
    std::optional<WallNanos> time;
    if (value->raw[0] == '"') {
      time = parse_time(value->raw.substr(1, value->raw.size() - 2));
    } else if (is_number(value->raw)) {
      time = parse_epoch(value->raw);
    }
    if (!time) continue;
    finding.has_time = true;
    finding.time = *time;
    break;
  }
  return finding;
}

/// Whether two findings say the same. Which fault an invalid line has is the probe's own affair.
inline bool same(const Finding& a, const Finding& b) {
  if (a.fault != Fault::none || b.fault != Fault::none) {
    return (a.fault == Fault::none) == (b.fault == Fault::none);
  }
  return a.has_level == b.has_level && a.has_time == b.has_time && a.level == b.level &&
         a.level_at == b.level_at && a.level_size == b.level_size && a.time == b.time;
}

}  // namespace ship::model
