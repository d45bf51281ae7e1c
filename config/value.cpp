#include "config/value.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "base/signal_name.hpp"
#include "base/units.hpp"
#include "config/shown_url.hpp"
#include "record/level.hpp"
#include "rows/nearest.hpp"

namespace ship {
namespace {

constexpr std::size_t kMaxShown = 60;

Error wrong(std::string message) { return {ErrorKind::config, std::move(message)}; }

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string shown(std::string_view text) {
  if (text.size() <= kMaxShown) return toml_string(text);
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return toml_string(std::string(text.substr(0, end)) + "...");
}

Error mismatch(const Setting& setting, std::string_view found, std::string_view why = {}) {
  std::string message = "found ";
  message += found;
  if (!why.empty()) message += " (" + std::string(why) + ")";
  return wrong(message + ", expected " + expectation(setting));
}

Error mismatch_text(const Setting& setting, std::string_view text, std::string_view why = {}) {
  return mismatch(setting, is_hidden(setting) ? "a text" : shown(text), why);
}

Result<Value> bounded(const Setting& setting, std::uint64_t number, std::string_view found) {
  if (number < setting.min || number > setting.max) {
    Error error = mismatch(setting, found, number < setting.min ? "too small" : "too large");
    // Who writes 0 may have meant no bound.
    if (number == 0 && !setting.default_text.empty()) {
      error.message += "; the default is " + std::string(setting.default_text);
    }
    return error;
  }
  if (setting.type() == SettingType::duration) {
    return Value(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
  }
  return Value(number);
}

Result<Value> read_boolean(const Setting& setting, std::string_view text) {
  const std::string word = upper(text);
  if (word == "TRUE" || word == "YES" || word == "ON" || word == "1") return Value(true);
  if (word == "FALSE" || word == "NO" || word == "OFF" || word == "0") return Value(false);
  return mismatch_text(setting, text);
}

/// All of `text` as a number; none: it is something else.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  const std::string digits = without_separators(text);
  Number number = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  if (digits.empty() || end != last || error != std::errc{}) return std::nullopt;
  return number;
}

Result<Value> read_integer(const Setting& setting, std::string_view text) {
  if (!setting.zero.empty() && text == setting.zero) return Value(std::uint64_t{0});
  const auto number = number_in<std::uint64_t>(text);
  if (!number) return mismatch_text(setting, text);
  return bounded(setting, *number, shown(text));
}

Result<Value> read_decimal(const Setting& setting, std::string_view text) {
  const auto number = number_in<double>(text);
  if (!number || !std::isfinite(*number)) return mismatch_text(setting, text);
  const bool small = *number < static_cast<double>(setting.min);
  if (small || *number > static_cast<double>(setting.max)) {
    return mismatch(setting, text, small ? "too small" : "too large");
  }
  return Value(*number);
}

Result<Value> read_mode(const Setting& setting, std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with("0o")) digits.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 8);
  const bool whole = !digits.empty() && end == digits.data() + digits.size();
  if (!whole || error != std::errc{}) return mismatch_text(setting, text);
  return bounded(setting, number, shown(text));
}

Result<Value> read_choice(const Setting& setting, std::string_view text) {
  if (setting.choices().find(text) != nullptr) return Value(std::string(text));
  for (const SettingChoice& choice : setting.choices()) {
    if (upper(choice.name) == upper(text)) return Value(std::string(choice.name));
  }
  std::vector<std::string> names;
  for (const SettingChoice& choice : setting.choices()) names.emplace_back(choice.name);
  Error error = mismatch_text(setting, text);
  if (!is_hidden(setting)) error.message += did_you_mean(text, names);
  return error;
}

Result<Value> read_signal(const Setting& setting, std::string_view text) {
  std::string name = upper(text);
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (name == "NONE" || name == "0") name = "none";
  if (setting.choices().empty()) {
    if (name == "none") return Value(name);
    const std::optional<int> number = parse_signal(name);
    if (!number) return mismatch_text(setting, text);
    return Value(signal_name(*number));
  }
  Result<Value> found = read_choice(setting, name);
  if (!found) return mismatch_text(setting, text);
  return found;
}

Result<Value> read_level(const Setting& setting, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && end == text.data() + text.size() && error == std::errc{} && number <= 99) {
    return Value(std::string(text));
  }
  const std::optional<Level> level = parse_level(text);
  if (!level) {
    Error unknown = mismatch_text(setting, text);
    unknown.message +=
        did_you_mean(text, {"TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"});
    return unknown;
  }
  return Value(std::string(level_text(*level)));
}

Result<Value> read_list(const Setting& setting, std::string_view text) {
  std::vector<std::string> items;
  if (trimmed(text).empty()) return Value(items);
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trimmed(text.substr(0, comma));
    if (item.empty()) return mismatch_text(setting, text, "an item is empty");
    items.emplace_back(item);
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
  }
  return Value(items);
}

std::string raw_text(const RawValue& raw) {
  struct Describe {
    std::string operator()(const RawOther& other) const { return other.what; }
    std::string operator()(RawTable) const { return "a table"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(RawInteger value) const { return std::to_string(value.number); }
    std::string operator()(double value) const {
      char text[32];
      std::snprintf(text, sizeof text, "%.15g", value);
      return text;
    }
    std::string operator()(const std::string& text) const { return shown(text); }
    std::string operator()(const std::vector<std::string>&) const { return "an array"; }
  };
  return std::visit(Describe{}, raw);
}

std::string raw_kind(const RawValue& raw) {
  static constexpr const char* kKinds[] = {"",        "a table",  "a boolean", "an integer",
                                           "a float", "a string", "an array"};
  if (const auto* other = std::get_if<RawOther>(&raw)) return other->what;
  return kKinds[raw.index()];
}

}  // namespace

Result<Value> value_from_text(const Setting& setting, std::string_view text) {
  switch (setting.type()) {
    case SettingType::boolean:
      return read_boolean(setting, text);
    case SettingType::integer:
      return read_integer(setting, text);
    case SettingType::decimal:
      return read_decimal(setting, text);
    case SettingType::size: {
      const Result<std::uint64_t> size = parse_size(text);
      if (!size) return mismatch_text(setting, text, size.error().message);
      return bounded(setting, size.value(), shown(text));
    }
    case SettingType::duration: {
      const Result<std::chrono::milliseconds> duration = parse_duration(text);
      if (!duration) return mismatch_text(setting, text, duration.error().message);
      return bounded(setting, static_cast<std::uint64_t>(duration.value().count()), shown(text));
    }
    case SettingType::choice:
      return read_choice(setting, text);
    case SettingType::signal:
      return read_signal(setting, text);
    case SettingType::level:
      return read_level(setting, text);
    case SettingType::list:
      return read_list(setting, text);
    case SettingType::paths:
      if (text.empty()) return mismatch_text(setting, text);
      return Value(std::vector<std::string>{std::string(text)});
    case SettingType::mode:
      return read_mode(setting, text);
    case SettingType::map:
      if (!setting.choices().empty()) return read_choice(setting, text);
      return Value(std::string(text));
    case SettingType::path:
    case SettingType::text:
    case SettingType::url:
    case SettingType::secret:
      if (text.empty()) return wrong("found an empty text, expected " + expectation(setting));
      if (text.find('\0') != std::string_view::npos) {
        return wrong("found a text with a NUL byte, expected " + expectation(setting));
      }
      return Value(std::string(text));
  }
  return wrong("unreachable");
}

Result<Value> value_from_raw(const Setting& setting, const RawValue& raw) {
  const auto misfit = [&] {
    Error error =
        mismatch(setting, is_hidden(setting) ? raw_kind(raw) : raw_text(raw),
                 is_hidden(setting) || raw_text(raw) == raw_kind(raw) ? "" : raw_kind(raw));
    if (const auto* text = std::get_if<std::string>(&raw))
      error.message += bare_value(setting, *text);
    return error;
  };
  if (setting.type() == SettingType::boolean) {
    if (const bool* value = std::get_if<bool>(&raw)) return Value(*value);
    return misfit();
  }
  if (const auto* integer = std::get_if<RawInteger>(&raw)) {
    const std::int64_t number = integer->number;
    const auto natural = static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
    switch (setting.type()) {
      case SettingType::integer:
      case SettingType::size:
        if (number < 0) return mismatch(setting, std::to_string(number), "negative");
        return bounded(setting, natural, std::to_string(number));
      case SettingType::decimal:
        return read_decimal(setting, std::to_string(number));
      case SettingType::duration:
      case SettingType::level:
        if (number < 0) return mismatch(setting, std::to_string(number), "negative");
        return value_from_text(setting, std::to_string(number));
      case SettingType::mode:
        if (number < 0 || !integer->octal) {
          return mismatch(setting, std::to_string(number), "a decimal number");
        }
        return bounded(setting, natural, std::to_string(number));
      default:
        return misfit();
    }
  }
  if (const double* seconds = std::get_if<double>(&raw)) {
    if (setting.type() == SettingType::decimal) return read_decimal(setting, raw_text(raw));
    if (setting.type() != SettingType::duration) return misfit();
    if (!(*seconds >= 0)) return mismatch(setting, raw_text(raw), "no positive number");
    char text[400];
    std::snprintf(text, sizeof text, "%.6f", *seconds);
    return value_from_text(setting, text);
  }
  if (const auto* text = std::get_if<std::string>(&raw)) {
    const bool is_word = !setting.zero.empty() && *text == setting.zero;
    if (!is_word &&
        (setting.type() == SettingType::integer || setting.type() == SettingType::decimal)) {
      return misfit();
    }
    return value_from_text(setting, *text);
  }
  if (const auto* items = std::get_if<std::vector<std::string>>(&raw)) {
    if (setting.type() != SettingType::list && setting.type() != SettingType::paths)
      return misfit();
    for (const std::string& item : *items) {
      if (trimmed(item).empty()) return mismatch(setting, "an array", "an item is empty");
    }
    return Value(*items);
  }
  return misfit();
}

std::string print_value(const Setting& setting, const Value& value) {
  if (is_hidden(setting)) return "\"***\"";
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* duration = std::get_if<std::chrono::milliseconds>(&value)) {
    return toml_string(print_duration(*duration));
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    if (setting.type() == SettingType::size) return toml_string(print_size(*number));
    if (setting.type() == SettingType::mode) {
      char text[32];
      std::snprintf(text, sizeof text, "\"0%llo\"", static_cast<unsigned long long>(*number));
      return text;
    }
    if (*number == 0 && !setting.zero.empty()) return toml_string(setting.zero);
    return std::to_string(*number);
  }
  if (const auto* decimal = std::get_if<double>(&value)) {
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.begin(), digits.end(), *decimal).ptr};
  }
  if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
    std::string text = "[";
    for (const std::string& item : *items) {
      text += &item == &items->front() ? " " : ", ";
      text += toml_string(item);
    }
    return text + (items->empty() ? "]" : " ]");
  }
  const auto& text = std::get<std::string>(value);
  return toml_string(setting.metavar == "URL" ? shown_url(text) : text);
}

std::string_view section_of(const Setting& row) {
  if (row.type() == SettingType::map) return row.key;
  const std::size_t dot = row.key.rfind('.');
  return dot == row.key.npos ? std::string_view() : row.key.substr(0, dot);
}

std::string_view name_in_section(const Setting& row, std::string_view key) {
  if (row.type() == SettingType::map) return map_entry(row, key);
  return key.substr(key.rfind('.') + 1);
}

}  // namespace ship
