#include "record/placed_values.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "record/json_scalar.hpp"
#include "record/json_walk.hpp"

namespace ship {
namespace {

bool is_string(std::string_view value) { return value.front() == '"'; }

bool is_number(std::string_view value) {
  return value.front() == '-' || is_json_digit(value.front());
}

std::string_view without_quotes(std::string_view string) {
  return string.substr(1, string.size() - 2);
}

std::optional<double> to_double(std::string_view text) {
  double number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (end != last || error == std::errc::invalid_argument) return std::nullopt;
  if (error != std::errc{}) return text.front() == '-' ? -1e300 : 1e300;
  return number;
}

void note_text(std::string_view text, const char* line, Finding& finding) {
  if (text.size() > 255 || text.find('\\') != std::string_view::npos) return;
  finding.level_size = static_cast<std::uint8_t>(text.size());
  finding.level_at = static_cast<std::uint32_t>(text.data() - line);
}

/// The scale of a number at a place: that of the dialect that the marks identify, if the place is
/// one of its own, else the place's.
LevelScale scale_of(const Walk& walk, const DialectKeys& keys, std::uint8_t slot, double number) {
  const DialectKeys::Slot& place = keys.slot(slot);
  const std::size_t row = keys.recognise(walk.marks());
  if (row < dialects().size() && place.rows >> row & 1 &&
      dialects()[row].scale != LevelScale::unknown) {
    return dialects()[row].scale;
  }
  if (place.path == "severity" && number >= 0 && number < 8) return LevelScale::syslog;
  if (place.path == "severity" && number >= 100) return LevelScale::google;
  return place.scale;
}

/// A level's word at a place. CLEF's lowest level is Verbose, which is npm's second lowest.
std::optional<Level> word_at(const DialectKeys& keys, std::uint8_t slot, std::string_view text) {
  const auto level = read_level(text);
  if (text.front() == 'V' && text == "Verbose" && keys.slot(slot).scale == LevelScale::dotnet) {
    return Level{LevelName::trace, 5};
  }
  return level;
}

// A value's text; none if it is a container, a literal or empty.
std::optional<std::string_view> scalar(std::string_view value) {
  if (!is_string(value) && !is_number(value)) return std::nullopt;
  const std::string_view text = is_string(value) ? without_quotes(value) : value;
  if (text.empty()) return std::nullopt;
  return text;
}

bool find_weak_level(const Walk& walk, const DialectKeys& keys, const char* line,
                     Finding& finding) {
  for (std::uint64_t left = walk.levels() & keys.weak_levels(); left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint8_t>(std::countr_zero(left));
    const std::size_t row = keys.slot(slot).weak_row;
    const auto text = scalar(walk.value_of(slot));
    if (!text || !keys.marks(row).match(walk.marks())) continue;
    auto level = word_at(keys, slot, *text);
    if (level) {
      note_text(*text, line, finding);
    } else if (dialects()[row].scale != LevelScale::unknown && is_number(*text)) {
      if (const auto number = to_double(*text))
        level = level_from_number(*number, dialects()[row].scale);
    }
    if (!level) continue;
    finding.has_level = true;
    finding.level = *level;
    finding.level_place = slot;
    return true;
  }
  return false;
}

}  // namespace

bool find_level(const Walk& walk, const DialectKeys& keys, const char* line, Finding& finding) {
  std::optional<double> number;
  std::string_view unknown;
  std::uint8_t number_at = 255;
  std::uint8_t unknown_at = 255;
  const std::uint64_t strong = walk.levels() & ~keys.weak_levels();
  for (std::uint64_t left = strong; left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint8_t>(std::countr_zero(left));
    const auto text = scalar(walk.value_of(slot));
    if (!text) continue;
    if (is_number(*text)) {
      if (const auto value = to_double(*text)) {
        if (!number) {
          number = value;
          number_at = slot;
        }
        continue;
      }
    }
    const auto level = word_at(keys, slot, *text);
    // Google's DEFAULT means that the platform knows nothing.
    if (level && *text != "DEFAULT") {
      finding.has_level = true;
      finding.level = *level;
      finding.level_place = slot;
      note_text(*text, line, finding);
      return slot == std::countr_zero(strong);
    }
    if (unknown_at == 255) {
      unknown = *text;
      unknown_at = slot;
    }
  }
  // Whichever comes first, a number or an unknown text.
  if (number && number_at < unknown_at) {
    finding.has_level = true;
    finding.level = level_from_number(*number, scale_of(walk, keys, number_at, *number));
    finding.level_place = number_at;
    return false;
  }
  if (unknown_at != 255) {
    finding.has_level = true;
    finding.level = {LevelName::other, 20};
    if (unknown == "DEFAULT") finding.level = {LevelName::info, 20};
    finding.level_place = unknown_at;
    note_text(unknown, line, finding);
    return false;
  }
  if ((walk.levels() & keys.weak_levels()) != 0 && find_weak_level(walk, keys, line, finding)) {
    return false;
  }
  for (std::size_t row = 0; row < dialects().size(); ++row) {
    const std::uint8_t mark = keys.error_mark(row);
    if (mark == DialectKeys::kNoMark || (walk.marks()[mark / 64] >> mark % 64 & 1) == 0) continue;
    if (!keys.marks(row).match(walk.marks())) continue;
    finding.has_level = true;
    finding.level = {LevelName::error, 40};
  }
  return false;
}

void LevelMemo::find_level(const Walk& walk, const DialectKeys& keys, const char* line,
                           Finding& finding) {
  const std::uint64_t strong = walk.levels() & ~keys.weak_levels();
  if (strong == 0) {
    ship::find_level(walk, keys, line, finding);
    return;
  }
  const auto slot = static_cast<std::uint8_t>(std::countr_zero(strong));
  const std::string_view value = walk.value_of(slot);
  std::uint64_t word = 0;
  const std::size_t size = value.size() - 2;  // without its quotes
  if (value.front() != '"' || size == 0 || size > sizeof word) {
    ship::find_level(walk, keys, line, finding);
    return;
  }
  std::memcpy(&word, value.data() + 1, sizeof word);  // a block has padding after it
  word &= ~std::uint64_t{0} >> (8 * (sizeof word - size));
  Known& known = known_[(word * 0x9e3779b97f4a7c15) >> 60];
  if (known.word == word && known.size == size && known.slot == slot) {
    finding.has_level = true;
    finding.level = known.level;
    finding.level_place = slot;
    finding.level_size = known.size;
    finding.level_at = static_cast<std::uint32_t>(value.data() + 1 - line);
    return;
  }
  if (ship::find_level(walk, keys, line, finding) && finding.level_size == size) {
    known = {word, static_cast<std::uint8_t>(size), slot, finding.level};
  }
}

void find_time(const Walk& walk, const DialectKeys& keys, TimeParser& times, Finding& finding) {
  for (std::uint64_t left = walk.times(); left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint8_t>(DialectKeys::kTimes + std::countr_zero(left));
    const std::string_view value = walk.value_of(slot);
    const auto time = is_string(value)   ? times.parse(without_quotes(value))
                      : is_number(value) ? parse_epoch(value)
                                         : std::nullopt;
    if (!time) continue;
    finding.has_time = true;
    finding.time = *time;
    finding.time_place = slot;
    const std::uint8_t companion = keys.slot(slot).companion;
    if (companion != DialectKeys::kNoSlot && walk.has(companion)) {
      const auto nanos = to_double(walk.value_of(companion));
      if (nanos && *nanos >= 0 && *nanos < 1e9) finding.time += static_cast<WallNanos>(*nanos);
    }
    return;
  }
}

std::optional<std::string_view> inner_text(const Walk& walk, const DialectKeys& keys,
                                           const Finding& finding) {
  // A level at the root counts, except journald's, which stamps INFO on everything that a unit
  // prints.
  const bool stamped = finding.has_level && finding.level_place < DialectKeys::kTimes &&
                       keys.slot(finding.level_place).path == "PRIORITY" &&
                       walk.has(DialectKeys::kMessage);
  if (finding.has_level && !stamped) return std::nullopt;
  for (const std::uint8_t slot : {DialectKeys::kLog, DialectKeys::kMessage, DialectKeys::kRecord,
                                  DialectKeys::kTextPayload}) {
    if (walk.has(slot)) return without_quotes(walk.value_of(slot));
  }
  return std::nullopt;
}

void find_configured(std::string_view line, const Probe::Options& options, TimeParser& times,
                     Finding& finding) {
  for (const std::string& path : options.level_fields) {
    const auto value = json_value_at(line, path);
    const auto text = value ? scalar(value->raw) : std::nullopt;
    if (!text) continue;
    const auto number = is_number(*text) ? to_double(*text) : std::nullopt;
    const auto level = number ? std::nullopt : read_level(*text);
    finding.level_size = 0;
    finding.level = number  ? level_from_number(*number, LevelScale::unknown)
                    : level ? *level
                            : Level{LevelName::other, 20};
    if (!number) note_text(*text, line.data(), finding);
    finding.has_level = true;
    finding.level_place = Finding::kConfigured;
    break;
  }
  for (const std::string& path : options.time_fields) {
    const auto value = json_value_at(line, path);
    const auto text = value ? scalar(value->raw) : std::nullopt;
    if (!text) continue;
    const auto time = value->is_text() ? times.parse(*text) : parse_epoch(*text);
    if (!time) continue;
    finding.has_time = true;
    finding.time = *time;
    finding.time_place = Finding::kConfigured;
    break;
  }
}

}  // namespace ship
