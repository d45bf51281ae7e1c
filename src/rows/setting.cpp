#include "rows/setting.hpp"

#include <cctype>
#include <charconv>
#include <cstdlib>

#include "base/signal_name.hpp"
#include "rows/member.hpp"

namespace ship {

void assign(int& signal, std::string_view, const Value& value) {
  signal = parse_signal(std::get<std::string>(value)).value_or(0);
}

void assign(std::optional<Severity>& level, std::string_view, const Value& value) {
  const auto& text = std::get<std::string>(value);
  Severity severity = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), severity);
  if (error == std::errc{} && end == text.data() + text.size()) {
    level = severity;
  } else if (const std::optional<Level> named = parse_level(text)) {
    level = named->severity;
  }
}

void assign(Secret& secret, std::string_view, const Value& value) {
  secret = Secret::literal(std::get<std::string>(value));
}

void assign(Labels& labels, std::string_view entry, const Value& value) {
  labels.emplace_back(entry, std::get<std::string>(value));
}

void assign(std::vector<int>& numbers, std::string_view, const Value& value) {
  for (const std::string& text : std::get<std::vector<std::string>>(value)) {
    numbers.push_back(std::atoi(text.c_str()));
  }
}

void assign(std::map<int, int>& signals, std::string_view entry, const Value& value) {
  signals[parse_signal(entry).value_or(0)] = parse_signal(std::get<std::string>(value)).value_or(0);
}

const Setting* find_row(std::span<const Setting> rows, std::string_view key) {
  for (const Setting& row : rows) {
    if (row.key == key) return &row;
    if (row.type() == SettingType::map && !map_entry(row, key).empty()) return &row;
  }
  return nullptr;
}

std::string environment_name(const Setting& setting) {
  if (setting.flag.empty() || setting.flag == "help" || setting.flag == "version" ||
      setting.flag == "print-config") {
    return {};
  }
  std::string name = "FAPILOG_SHIP_";
  for (const char c : setting.flag) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string_view map_entry(const Setting& setting, std::string_view key) {
  if (key.size() <= setting.key.size() + 1 || !key.starts_with(setting.key) ||
      key[setting.key.size()] != '.') {
    return {};
  }
  return key.substr(setting.key.size() + 1);
}

}  // namespace ship
