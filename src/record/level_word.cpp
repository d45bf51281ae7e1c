#include "record/level_word.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "base/begins.hpp"

namespace ship {
namespace {

/// Words that loggers write as levels and people as ordinary words.
constexpr std::array<std::string_view, 23> kPlainWords = {
    "note",    "hint",  "detail",  "system",    "default",  "log",     "config", "fine",
    "success", "any",   "unknown", "statement", "fault",    "failure", "fail",   "http",
    "silly",   "finer", "notset",  "alert",     "security", "audit",   "notice"};

}  // namespace

bool is_listed(std::span<const std::string_view> list, std::string_view word) {
  if (word.empty()) return false;
  return std::any_of(list.begin(), list.end(), [word](std::string_view one) {
    return one.size() == word.size() && begins(word, one);
  });
}

std::optional<LevelWord> read_level_word(std::string_view token) {
  if (token.size() < 3 || token.size() > 13) return std::nullopt;
  std::array<char, 16> small{};
  std::size_t letters = 0;
  std::size_t uppers = 0;
  for (const char c : token) {
    if (!is_letter(c)) break;
    if (is_upper(c)) ++uppers;
    small[letters++] = static_cast<char>(c | 0x20);
  }
  // PostgreSQL's DEBUG1 to DEBUG5; parse_level handles slog's ERROR+2.
  if (letters + 1 == token.size() && letters == 5 && token.starts_with("DEBUG")) {
    token.remove_suffix(1);
  }
  if (token == "ERR!") token.remove_suffix(1);  // npmlog
  if (uppers != 0 && uppers != letters && !(uppers == 1 && is_upper(token.front()))) {
    return std::nullopt;
  }
  const auto level = parse_level(token);
  if (!level) return std::nullopt;
  const bool plain = is_listed(kPlainWords, std::string_view(small.data(), letters));
  return LevelWord{*level, uppers == letters, !plain};
}

std::optional<Level> padded_level(std::string_view line) {
  constexpr std::size_t kPadded = 9;
  const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
  const std::string_view field = line.substr(start, kPadded);
  const std::size_t size = std::min(field.find(' '), field.size());
  const std::size_t message = line.find_first_not_of(' ', start + size);
  if (message != start + kPadded) return std::nullopt;
  const auto word = read_level_word(field.substr(0, size));
  if (!word || !word->upper || !word->common) return std::nullopt;
  return word->level;
}

LevelSymbol level_symbol(std::string_view text) {
  if (text.empty() || (static_cast<unsigned char>(text.front()) & 0x80u) == 0) return {};
  using Row = std::pair<std::string_view, std::optional<Level>>;
  constexpr std::array kSymbols = {Row{"\u2716", kError},
                                   Row{"\u2a2f", kError},
                                   Row{"\u2718", kError},
                                   Row{"\u274c", kError},
                                   Row{"\u26a0\ufe0f", kWarning},
                                   Row{"\u26a0", kWarning},
                                   Row{"\u2139", kInfo},
                                   Row{"\u2714", kInfo},
                                   Row{"\u25d0", kInfo},
                                   Row{"\u2699", kDebug},
                                   Row{"\u2b24", {}},
                                   Row{"\u203a", {}}};
  for (const auto& [symbol, level] : kSymbols) {
    if (!text.starts_with(symbol)) continue;
    const std::size_t start = text.find_first_not_of(' ', symbol.size());
    const std::size_t end = std::min(text.find(' ', start), text.size());
    if (start < end && text.substr(end).starts_with("  ")) {
      if (const auto word = read_level_word(text.substr(start, end - start))) {
        return {end, word->level};
      }
    }
    return {symbol.size(), level};
  }
  return {};
}

bool is_failure(std::string_view line) {
  constexpr std::array<std::string_view, 12> kStarts = {"panic: ",
                                                        "fatal error: ",
                                                        "Exception in thread \"",
                                                        "Traceback (most recent call last):",
                                                        "Unhandled exception",
                                                        "Unhandled rejection",
                                                        "Uncaught ",
                                                        "PHP Fatal error:",
                                                        "PHP Parse error:",
                                                        "Fatal error: Uncaught",
                                                        "terminate called after throwing",
                                                        "SIGSEGV: "};
  if (std::any_of(kStarts.begin(), kStarts.end(),
                  [line](std::string_view start) { return begins(line, start); })) {
    return true;
  }
  return begins(line, "thread '") && line.find(" panicked at ") != std::string_view::npos;
}

bool begins_title(std::string_view behind) {
  const std::size_t first = behind.find_first_not_of(" \t");
  if (first == 0 || first == std::string_view::npos) return true;
  std::size_t end = first;
  while (end < behind.size() && is_upper(behind[end])) ++end;
  return end > first + 1 && (end == behind.size() || behind[end] == ' ' || behind[end] == '\t');
}

std::optional<Level> program_level(std::string_view text) {
  struct Kind {
    std::string_view text;
    Level level;
  };
  constexpr std::array kKinds = {Kind{"PHP Fatal error:", kError},
                                 Kind{"PHP Parse error:", kError},
                                 Kind{"PHP Recoverable fatal error:", kError},
                                 Kind{"PHP Warning:", kWarning},
                                 Kind{"PHP Notice:", kInfo},
                                 Kind{"PHP Deprecated:", kInfo},
                                 Kind{"npm ERR!", kError},
                                 Kind{"npm error", kError},
                                 Kind{"npm WARN", kWarning},
                                 Kind{"npm warn", kWarning}};
  for (const Kind& kind : kKinds) {
    const std::size_t size = kind.text.size();
    if (begins(text, kind.text) && (text.size() == size || text[size] == ' ')) return kind.level;
  }
  return std::nullopt;
}

}  // namespace ship
