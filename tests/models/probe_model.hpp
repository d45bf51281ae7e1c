#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "record/dialects.hpp"
#include "record/level.hpp"
#include "record/probe.hpp"
#include "record/timestamp.hpp"
#include "tests/models/json_model.hpp"

namespace ship::model {

/// The places of the table in its order, weak ones last, each once.
inline std::vector<std::pair<std::string_view, std::size_t>> places(
    std::string_view Dialect::*list) {
  std::vector<std::pair<std::string_view, std::size_t>> found;
  for (const bool weak : {false, true}) {
    for (std::size_t row = 0; row < dialects().size(); ++row) {
      for_each_path(dialects()[row].*list, [&](std::string_view path) {
        if (path.ends_with('?') != weak) return;
        path = path.substr(0, path.find_first_of("?+"));
        for (const auto& known : found) {
          if (known.first == path) return;
        }
        found.emplace_back(path, row);
      });
    }
  }
  return found;
}

/// The value at a path, step by step, or under the whole path as a key.
inline const Value* at(const Value& object, std::string_view path) {
  const Value* whole = object.find(path);
  const std::size_t dot = path.find('.');
  if (whole || dot == std::string_view::npos) return whole;
  const Value* step = object.find(path.substr(0, dot));
  return step ? at(*step, path.substr(dot + 1)) : nullptr;
}

inline bool has_marks(const Value& object, const Dialect& dialect) {
  bool all = !dialect.marks.empty();
  for_each_path(dialect.marks, [&](std::string_view any) {
    bool one = false;
    while (!any.empty()) {
      const std::size_t size = std::min(any.find('|'), any.size());
      one = one || object.find(any.substr(0, size)) != nullptr;
      any.remove_prefix(std::min(size + 1, any.size()));
    }
    all = all && one;
  });
  return all;
}

/// Whether the row has the path as one that counts only beside its marks.
inline bool is_weak(std::string_view path, std::size_t row) {
  bool weak = false;
  for_each_path(dialects()[row].level, [&](std::string_view own) {
    weak = weak || (own.ends_with('?') && own.substr(0, own.find_first_of("?+")) == path);
  });
  return weak;
}

/// What a number means at a place whose dialect no mark tells: what it means to the first dialect
/// that has the place, unless the common row (the second) has it, too.
inline LevelScale scale_of_place(std::string_view place) {
  LevelScale scale = LevelScale::unknown;
  bool common = false;
  for (std::size_t row = 0; row < dialects().size(); ++row) {
    for_each_path(dialects()[row].level, [&](std::string_view path) {
      if (path.substr(0, path.find_first_of("?+")) != place) return;
      common = common || row == 1;
      if (scale == LevelScale::unknown && !common) scale = dialects()[row].scale;
    });
  }
  return scale;
}

/// What the probe must find, by looking names up in a tree. Numbers of other scales than pino's,
/// weak places and texts inside of envelopes are left to the tests that name them.
inline Finding find(std::string_view line) {
  Finding finding;
  const auto object = JsonReader(line).object();
  if (!object) {
    finding.fault = Fault::grammar;
    return finding;
  }
  const auto is_number = [](std::string_view raw) {
    return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9'));
  };
  std::string_view unknown;
  double number = 0;
  bool has_number = false;
  std::string_view number_path;
  static const auto kLevels = places(&Dialect::level);
  for (const auto& [path, row] : kLevels) {
    const Value* value = at(*object, path);
    if (!value) continue;
    const bool weak = is_weak(path, row);
    if (weak && (has_number || !unknown.empty())) break;
    if (weak && !has_marks(*object, dialects()[row])) continue;
    const bool string = value->raw[0] == '"';
    if (!string && !is_number(value->raw)) continue;
    const std::string_view text = string ? value->raw.substr(1, value->raw.size() - 2) : value->raw;
    if (text.empty()) continue;
    if (weak && !read_level(text)) {
      const LevelScale scale = dialects()[row].scale;
      double read = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), read);
      if (scale == LevelScale::unknown || !is_number(text)) continue;
      if (parsed.ptr != text.data() + text.size() || parsed.ec != std::errc{}) continue;
      finding.has_level = true;
      finding.level = level_from_number(read, scale);
      break;
    }
    if (is_number(text)) {
      double read = 0;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), read);
      if (parsed.ptr == text.data() + text.size() && parsed.ec != std::errc::invalid_argument) {
        if (parsed.ec != std::errc{}) read = text[0] == '-' ? -1e300 : 1e300;
        if (!has_number && unknown.empty()) {
          has_number = true;
          number = read;
          number_path = path;
        }
        continue;
      }
    }
    const auto level = read_level(text);
    if (!level && (has_number || !unknown.empty())) continue;
    if (!level) {
      unknown = text;
      continue;
    }
    finding.has_level = true;
    finding.level = *level;
    unknown = text;
    has_number = false;
    break;
  }
  if (has_number) {
    finding.has_level = true;
    LevelScale scale = LevelScale::unknown;
    for (const Dialect& dialect : dialects()) {
      if (!has_marks(*object, dialect)) continue;
      bool own = false;
      for_each_path(dialect.level, [&](std::string_view path) { own |= path == number_path; });
      if (own) scale = dialect.scale;
      break;
    }
    if (number_path == "severity" && scale == LevelScale::unknown) {
      if (number >= 0 && number < 8) scale = LevelScale::syslog;
      if (number >= 100) scale = LevelScale::google;
    }
    if (scale == LevelScale::unknown) scale = scale_of_place(number_path);
    finding.level = level_from_number(number, scale);
  } else if (!unknown.empty()) {
    if (!finding.has_level) finding.level = {LevelName::other, 20};
    finding.has_level = true;
    if (unknown.size() <= 255 && unknown.find('\\') == std::string_view::npos) {
      finding.level_at = static_cast<std::uint32_t>(unknown.data() - line.data());
      finding.level_size = static_cast<std::uint8_t>(unknown.size());
    }
  }
  static const auto kTimes = places(&Dialect::time);
  for (const auto& [path, row] : kTimes) {
    const Value* value = at(*object, path);
    if (!value) continue;
    std::optional<WallNanos> time;
    if (value->raw[0] == '"') {
      time = TimeParser(TimeZone::local()).parse(value->raw.substr(1, value->raw.size() - 2));
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

/// Whether the model knows all rules that the line needs: no dialect but the common ones gives itself
/// away, no level is one that says nothing, and no text of an envelope is looked into for its level.
inline bool covers(std::string_view line, const Finding& expected) {
  const auto object = JsonReader(line).object();
  if (!object) return true;
  if (line.find("DEFAULT") != std::string_view::npos) return false;
  for (const std::string_view text : {"log", "MESSAGE", "record", "textPayload"}) {
    const Value* value = at(*object, text);
    if (!expected.has_level && value && value->raw[0] == '"') return false;
  }
  for (std::size_t row = 2; row < dialects().size(); ++row) {
    if (has_marks(*object, dialects()[row])) return false;
  }
  static const auto kLevels = places(&Dialect::level);
  return std::none_of(kLevels.begin(), kLevels.end(), [&](const auto& place) {
    const LevelScale scale = scale_of_place(place.first);
    return scale != LevelScale::unknown && scale != LevelScale::pino && at(*object, place.first);
  });
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
