#include "record/logfmt_line.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/ascii.hpp"
#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "record/level.hpp"
#include "record/level_word.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

bool is_key_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-' || c == '@' || c == '/';
}

std::string_view take_key(std::string_view& rest) {
  std::size_t size = 0;
  while (size < rest.size() && is_key_character(rest[size])) ++size;
  const std::string_view key = rest.substr(0, size);
  if (size == 0 || size == rest.size() || rest[size] != '=' || is_digit(key.front())) return {};
  rest.remove_prefix(size + 1);
  return key;
}

/// The closing quote of the quoted text at the start of `rest`; npos: there is none.
std::size_t closing_quote(std::string_view rest) {
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '"') return at;
    if (rest[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

/// Digits as in JSON, not so many that a reader would round them.
bool is_plain_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 15;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMostDigits + 1 || !is_digit(text.back())) return false;
  if (text.front() == '0' && text.size() > 1 && text[1] != '.') return false;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == text.npos ? "" : text.substr(point + 1);
  return !whole.empty() && whole.size() + fraction.size() <= kMostDigits &&
         std::all_of(whole.begin(), whole.end(), is_digit) &&
         std::all_of(fraction.begin(), fraction.end(), is_digit);
}

}  // namespace

bool is_logfmt_level_key(std::string_view key) {
  static constexpr std::array<std::string_view, 6> kKeys = {"level",    "lvl",       "severity",
                                                            "loglevel", "log_level", "at"};
  return is_listed(kKeys, key);
}

bool is_logfmt_time_key(std::string_view key) {
  static constexpr std::array<std::string_view, 4> kKeys = {"time", "ts", "t", "timestamp"};
  return is_listed(kKeys, key);
}

std::string_view LogfmtLine::fields(std::string_view line, std::size_t most_bytes) {
  object_ = "{}";
  if (line.size() <= most_bytes && read(line)) write();
  return object_.size() <= most_bytes ? std::string_view(object_) : "{}";
}

bool LogfmtLine::read(std::string_view line) {
  size_ = 0;
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  while (!line.empty()) {
    Field field;
    field.key = take_key(line);
    if (field.key.empty() || size_ == kMostFields) return false;
    std::size_t size = std::min(line.find(' '), line.size());
    field.quoted = line.starts_with('"');
    if (field.quoted) {
      size = closing_quote(line);
      if (size == std::string_view::npos) return false;
      field.value = line.substr(1, size - 1);
      ++size;
      if (size < line.size() && line[size] != ' ') return false;
    } else {
      field.value = line.substr(0, size);
      if (field.value.find_first_of("\"\n") != std::string_view::npos) return false;
    }
    fields_[size_++] = field;
    line.remove_prefix(size);
    while (line.starts_with(' ')) line.remove_prefix(1);
  }
  return size_ > 1;
}

void LogfmtLine::write() {
  // The fields for level and time go into the envelope.
  bool has_level = false;
  bool has_time = false;
  TimeParser times;
  auto end = std::remove_if(fields_.begin(), fields_.begin() + size_, [&](const Field& field) {
    if (!has_level && is_logfmt_level_key(field.key))
      return has_level = read_level(field.value).has_value();
    if (!has_time && is_logfmt_time_key(field.key))
      return has_time = times.parse(field.value).has_value();
    return false;
  });
  std::sort(fields_.begin(), end, [](const Field& a, const Field& b) {
    return a.key != b.key ? a.key < b.key : std::less<>()(a.value.data(), b.value.data());
  });
  object_ = "{";
  for (auto field = fields_.begin(); field != end; ++field) {
    if (field + 1 != end && field[1].key == field->key) continue;
    if (object_.size() > 1) object_ += ',';
    append_json_string(object_, field->key);
    object_ += ':';
    const bool bare = !field->quoted && (is_plain_number(field->value) || field->value == "true" ||
                                         field->value == "false");
    if (bare) {
      object_ += field->value;
    } else {
      const bool escaped = field->quoted && field->value.find('\\') != std::string_view::npos;
      append_json_string(object_, json_unescaped(field->value, escaped, unescaped_));
    }
  }
  object_ += '}';
}

}  // namespace ship
