#include "record/level.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace ship {
namespace {

struct Alias {
  std::string_view text;
  Level level;
};

constexpr Level kTrace{LevelName::trace, 5};
constexpr Level kDebug{LevelName::debug, 10};
constexpr Level kInfo{LevelName::info, 20};
constexpr Level kWarning{LevelName::warning, 30};
constexpr Level kError{LevelName::error, 40};
constexpr Level kCritical{LevelName::critical, 50};
constexpr Level kFatal{LevelName::fatal, 50};
constexpr Level kAudit{LevelName::audit, 60};
constexpr Level kSecurity{LevelName::security, 70};

// In lower case, letters only, those that logs hold most first.
constexpr std::array kAliases = {
    Alias{"info", kInfo},          Alias{"debug", kDebug},      Alias{"warning", kWarning},
    Alias{"error", kError},        Alias{"warn", kWarning},     Alias{"critical", kCritical},
    Alias{"fatal", kFatal},        Alias{"trace", kTrace},      Alias{"audit", kAudit},
    Alias{"security", kSecurity},  Alias{"information", kInfo}, Alias{"informational", kInfo},
    Alias{"inf", kInfo},           Alias{"verbose", kTrace},    Alias{"vrb", kTrace},
    Alias{"trc", kTrace},          Alias{"dbg", kDebug},        Alias{"wrn", kWarning},
    Alias{"err", kError},          Alias{"crit", kCritical},    Alias{"panic", kCritical},
    Alias{"dpanic", kCritical},    Alias{"alert", kCritical},   Alias{"emerg", kCritical},
    Alias{"emergency", kCritical}, Alias{"ftl", kFatal},
};
// The letters of a text of up to 8 bytes in one word, in lower case. The bit that makes letters
// small makes no letter of any other byte, so that words are equal where the texts are, but for the
// case.
constexpr std::uint64_t kLowerCase = 0x2020202020202020;

constexpr std::uint64_t packed(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  }
  return word | kLowerCase;
}

// The same for a text that is known at run time only, in two overlapping reads.
std::uint64_t load_packed(std::string_view text) {
  const std::size_t size = text.size();
  if (size < 4) return packed(text);
  std::array<std::uint32_t, 2> halves{};
  std::memcpy(&halves[0], text.data(), 4);
  std::memcpy(&halves[1], text.data() + size - 4, 4);
  if constexpr (std::endian::native != std::endian::little) return packed(text);
  return (halves[0] | std::uint64_t{halves[1]} << (8 * (size - 4))) | kLowerCase;
}

constexpr auto kPackedAliases = [] {
  std::array<std::uint64_t, kAliases.size()> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (kAliases[i].text.size() <= 8) words[i] = packed(kAliases[i].text);
  }
  return words;
}();

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

// slog writes a level between two names as the lower one and a distance: "ERROR+2", "DEBUG-4".
std::string_view without_distance(std::string_view text) {
  if (text.empty() || text.back() < '0' || text.back() > '9') return text;
  const std::size_t sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == text.size()) return text;
  const std::string_view digits = text.substr(sign + 1);
  const bool numeric =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return numeric ? text.substr(0, sign) : text;
}

}  // namespace

std::string_view level_text(Level level) {
  static constexpr std::array<std::string_view, 10> kTexts = {
      "INFO",  "TRACE",    "DEBUG", "INFO",  "WARNING",
      "ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  return kTexts[static_cast<std::size_t>(level.name)];
}

std::optional<Level> parse_level(std::string_view text) {
  if (text.size() <= 8) {
    const std::uint64_t wanted = load_packed(text);
    for (std::size_t i = 0; i < kAliases.size(); ++i) {
      if (kPackedAliases[i] == wanted && kAliases[i].text.size() == text.size()) {
        return kAliases[i].level;
      }
    }
  } else {
    for (const Alias& alias : kAliases) {
      if (equal_in_any_case(alias.text, text)) return alias.level;
    }
  }
  const std::string_view name = without_distance(text);
  return name.size() < text.size() ? parse_level(name) : std::nullopt;
}

Level level_from_python_number(double number) {
  if (std::isnan(number)) return kInfo;
  const auto severity = static_cast<Severity>(std::clamp(number, 0.0, 99.0));
  static constexpr std::array<LevelName, 8> kByTens = {
      LevelName::trace, LevelName::debug,    LevelName::info,  LevelName::warning,
      LevelName::error, LevelName::critical, LevelName::audit, LevelName::security};
  return {kByTens[std::min<std::size_t>(severity / 10, kByTens.size() - 1)], severity};
}

Level level_from_pino_number(double number) {
  if (std::isnan(number)) return kInfo;
  if (number < 10) return {LevelName::trace, 0};
  if (number < 20) return kTrace;
  if (number >= 60) return kFatal;
  return level_from_python_number(number - 10);
}

bool is_catch_all(std::string_view level) { return equal_in_any_case(level, "others"); }

LevelSet::LevelSet(const std::vector<std::string>& names,
                   const std::vector<std::string>& elsewhere) {
  catches_all_ = std::any_of(names.begin(), names.end(), is_catch_all);
  if (catches_all_) {
    LevelSet theirs(elsewhere);
    known_ = ~theirs.known_;
    elsewhere_ = std::move(theirs.other_);
  }
  for (const std::string& name : names) {
    if (const auto level = parse_level(name)) {
      known_ |= 1u << static_cast<unsigned>(level->name);
    } else {
      other_.push_back(name);
    }
  }
}

bool LevelSet::contains_other(std::string_view name) const {
  const auto is_in = [name](const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(),
                       [name](const std::string& own) { return equal_in_any_case(own, name); });
  };
  return is_in(other_) || (catches_all_ && !is_in(elsewhere_));
}

}  // namespace ship
