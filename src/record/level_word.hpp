#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "record/level.hpp"

namespace ship {

/// A level's word as it stands in text.
struct LevelWord {
  Level level;
  bool upper = false;   ///< "ERROR"
  bool common = false;  ///< hardly ever anything else than a level, where it is a field of its own
};

/// The level's word that a token of plain text is: in upper or in lower case, or with a capital.
std::optional<LevelWord> read_level_word(std::string_view token);

/// The level of PHP's and npm's own messages, which `text` starts with: "PHP Warning:  …",
/// "npm error …".
std::optional<Level> program_level(std::string_view text);

/// The level of an indented line that starts with its word and blanks up to the ninth column, as
/// rich writes where the time is that of the line before: "           ERROR    text".
std::optional<Level> padded_level(std::string_view line);

/// A symbol that stands where a level does, and the level's word in a column behind it, where there
/// is one: "✖ text", "[app] › ⬤  debug     text".
struct LevelSymbol {
  std::size_t size = 0;  ///< of both, in bytes; 0: none
  std::optional<Level> level;
};

/// The symbol that `text` starts with. An arrow between a scope and a level counts as one without.
LevelSymbol level_symbol(std::string_view text);

/// Whether `line` is what a runtime writes when an error ends the program.
bool is_failure(std::string_view line);

/// Whether what stands behind an upper-case word at the start of a line makes it a title, as in
/// "DEBUG AND TRACE OPTIONS", and not a level.
bool begins_title(std::string_view behind);

/// Whether `word` is one of those.
bool is_listed(std::span<const std::string_view> list, std::string_view word);

}  // namespace ship
