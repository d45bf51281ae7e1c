#include "record/level.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/ascii.hpp"

namespace ship {
namespace {

struct Alias {
  std::string_view text;
  Level level;
};

// A separate step that only some loggers have: it counts as INFO and keeps its name.
constexpr Level kBetween{LevelName::other, 20};

// In lower case, letters only, the most frequent in logs first.
constexpr std::array kAliases = {
    Alias{"info", kInfo},         Alias{"debug", kDebug},      Alias{"warning", kWarning},
    Alias{"error", kError},       Alias{"warn", kWarning},     Alias{"critical", kCritical},
    Alias{"fatal", kFatal},       Alias{"trace", kTrace},      Alias{"audit", kAudit},
    Alias{"security", kSecurity}, Alias{"information", kInfo}, Alias{"informational", kInfo},
    Alias{"inf", kInfo},          Alias{"verbose", kDebug},    Alias{"vrb", kTrace},
    Alias{"trc", kTrace},         Alias{"trce", kTrace},       Alias{"trac", kTrace},
    Alias{"silly", kTrace},       Alias{"finest", kTrace},     Alias{"finer", kTrace},
    Alias{"fine", kDebug},        Alias{"config", kDebug},     Alias{"dbg", kDebug},
    Alias{"dbug", kDebug},        Alias{"debu", kDebug},       Alias{"debg", kDebug},
    Alias{"wrn", kWarning},       Alias{"warni", kWarning},    Alias{"err", kError},
    Alias{"erro", kError},        Alias{"eror", kError},       Alias{"severe", kError},
    Alias{"fail", kError},        Alias{"failure", kError},    Alias{"crit", kCritical},
    Alias{"panic", kCritical},    Alias{"pani", kCritical},    Alias{"dpanic", kCritical},
    Alias{"alert", kCritical},    Alias{"emerg", kCritical},   Alias{"emergency", kCritical},
    Alias{"fault", kCritical},    Alias{"ftl", kFatal},        Alias{"fata", kFatal},
    Alias{"notice", kBetween},    Alias{"http", kBetween},     Alias{"success", kBetween},
    Alias{"log", kBetween},       Alias{"note", kBetween},     Alias{"ntc", kBetween},
    Alias{"system", kBetween},    Alias{"default", kBetween},  Alias{"statement", kBetween},
    Alias{"detail", kBetween},    Alias{"hint", kBetween},     Alias{"notset", kTrace},
    Alias{"any", kBetween},       Alias{"unknown", kBetween},  Alias{"pnc", kCritical},
};
// The letters of a text of up to 8 bytes in one word, in lower case. The bit that makes letters
// lower case turns no other byte into a letter, so words are equal exactly if the texts are,
// ignoring case.
constexpr std::uint64_t kLowerCase = 0x2020202020202020;

constexpr std::uint64_t packed(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  }
  return word | kLowerCase;
}

// The same for a text known only at run time, in two overlapping reads.
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

// slog writes a level between two names as the lower one and an offset: "ERROR+2", "DEBUG-4".
std::string_view without_distance(std::string_view text) {
  if (text.empty() || text.back() < '0' || text.back() > '9') return text;
  const std::size_t sign = text.find_last_of("+-");
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == text.size()) return text;
  const std::string_view digits = text.substr(sign + 1);
  const bool numeric =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return numeric ? text.substr(0, sign) : text;
}

const Alias* find_alias(std::string_view text) {
  if (text.size() <= 8) {
    const std::uint64_t wanted = load_packed(text);
    for (std::size_t i = 0; i < kAliases.size(); ++i) {
      if (kPackedAliases[i] == wanted && kAliases[i].text.size() == text.size()) {
        return &kAliases[i];
      }
    }
    return nullptr;
  }
  const auto found = std::find_if(kAliases.begin(), kAliases.end(), [text](const Alias& alias) {
    return equal_in_any_case(alias.text, text);
  });
  return found == kAliases.end() ? nullptr : &*found;
}

// One letter, as klog, Ruby, logcat and MongoDB write it, or MongoDB's "D1" to "D5".
std::optional<Level> letter_level(std::string_view text) {
  if (text.size() == 2 && text[0] == 'D' && text[1] >= '1' && text[1] <= '5') return kDebug;
  if (text.size() != 1) return std::nullopt;
  switch (to_lower(text[0])) {
    case 't':
    case 'v':
      return kTrace;
    case 'd':
      return kDebug;
    case 'i':
    case 'n':
      return kInfo;
    case 'w':
      return kWarning;
    case 'e':
      return kError;
    case 'a':
    case 'c':
      return kCritical;
    case 'f':
      return kFatal;
    default:
      return std::nullopt;
  }
}

// The end of a colour sequence at the start of `text`: "\x1b[1;31m", or as JSON writes it.
std::string_view behind_color(std::string_view text) {
  constexpr std::array<std::string_view, 5> kEscapes = {"\x1b[", "\\u001b[", "\\u001B[", "\\x1b[",
                                                        "\\033["};
  for (const std::string_view escape : kEscapes) {
    if (!text.starts_with(escape)) continue;
    const std::size_t end = text.find_first_not_of("0123456789;:", escape.size());
    if (end != std::string_view::npos && text[end] == 'm') return text.substr(end + 1);
  }
  return text;
}

// The word without the colours, spaces and brackets around it.
std::string_view without_decoration(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) {
    const std::string_view rest = behind_color(text);
    text = rest.size() < text.size() ? rest : text.substr(1);
  }
  std::size_t end = 0;
  while (end < text.size() && (is_letter(text[end]) || text[end] == '.' || text[end] == '_')) ++end;
  // "D2", "ERROR+2"
  while (end < text.size() && end > 0 &&
         ((text[end] >= '0' && text[end] <= '9') || text[end] == '+' || text[end] == '-')) {
    ++end;
  }
  for (std::string_view rest = text.substr(end); !rest.empty();) {
    const std::string_view behind = behind_color(rest);
    if (behind.size() < rest.size()) {
      rest = behind;
    } else if (is_letter(rest.front()) || (rest.front() >= '0' && rest.front() <= '9')) {
      return {};
    } else {
      rest.remove_prefix(1);
    }
  }
  return text.substr(0, end);
}

}  // namespace

std::string_view level_text(Level level) {
  static constexpr std::array<std::string_view, 10> kTexts = {
      "INFO",  "TRACE",    "DEBUG", "INFO",  "WARNING",
      "ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  return kTexts[static_cast<std::size_t>(level.name)];
}

std::optional<Level> parse_level(std::string_view text) {
  if (const Alias* alias = find_alias(text)) return alias->level;
  const std::string_view name = without_distance(text);
  return name.size() < text.size() ? parse_level(name) : std::nullopt;
}

std::optional<Level> read_level(std::string_view text) {
  if (const auto level = parse_level(text)) return level;
  constexpr std::size_t kMostDecorated = 64;
  if (text.empty() || text.size() > kMostDecorated) return std::nullopt;
  std::string_view word = without_decoration(text);
  if (const std::size_t dot = word.rfind('.'); dot != std::string_view::npos) {
    word.remove_prefix(dot + 1);
  }
  if (const auto level = letter_level(word)) return level;
  return word.size() < text.size() ? parse_level(word) : std::nullopt;
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
    const auto level = parse_level(name);
    if (level && level->name != LevelName::other) {
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
