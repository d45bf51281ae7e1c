#include "record/level_word.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/begins.hpp"

namespace ship {
namespace {

/// Words that loggers write as levels and people as words.
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
  // PostgreSQL's DEBUG1 to DEBUG5; slog's ERROR+2 is told by parse_level.
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
  constexpr std::array kKinds = {Kind{"PHP Fatal error:", {LevelName::error, 40}},
                                 Kind{"PHP Parse error:", {LevelName::error, 40}},
                                 Kind{"PHP Recoverable fatal error:", {LevelName::error, 40}},
                                 Kind{"PHP Warning:", {LevelName::warning, 30}},
                                 Kind{"PHP Notice:", {LevelName::info, 20}},
                                 Kind{"PHP Deprecated:", {LevelName::info, 20}},
                                 Kind{"npm ERR!", {LevelName::error, 40}},
                                 Kind{"npm error", {LevelName::error, 40}},
                                 Kind{"npm WARN", {LevelName::warning, 30}},
                                 Kind{"npm warn", {LevelName::warning, 30}}};
  for (const Kind& kind : kKinds) {
    const std::size_t size = kind.text.size();
    if (begins(text, kind.text) && (text.size() == size || text[size] == ' ')) return kind.level;
  }
  return std::nullopt;
}

}  // namespace ship
