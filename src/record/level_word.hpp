#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "record/level.hpp"

namespace ship {

/// A level's word as written in text.
struct LevelWord {
  Level level;
  bool upper = false;   ///< "ERROR"
  bool common = false;  ///< hardly ever anything but a level, if it is a separate field
};

/// Reads a token of plain text as a level's word: in upper or lower case, or capitalised.
std::optional<LevelWord> read_level_word(std::string_view token);

/// The level of one of PHP's or npm's own messages at the start of `text`: "PHP Warning:  …", "npm
/// error …".
std::optional<Level> program_level(std::string_view text);

/// The level of an indented line that starts with its word, padded to the ninth column, as rich
/// writes it if the time equals that of the previous line: "           ERROR    text".
std::optional<Level> padded_level(std::string_view line);

/// A symbol in place of a level, and the level's word in a column after it, if there is one: "✖
/// text", "[app] › ⬤  debug     text".
struct LevelSymbol {
  std::size_t size = 0;  ///< of both, in bytes; 0: none
  std::optional<Level> level;
};

/// The symbol that `text` starts with. An arrow between a scope and a level counts as a symbol
/// without a level.
LevelSymbol level_symbol(std::string_view text);

/// Whether `line` is what a runtime writes when an error ends the program.
bool is_failure(std::string_view line);

/// Whether what follows an upper-case word at the start of a line makes it a title, as in "DEBUG
/// AND TRACE OPTIONS", and not a level.
bool begins_title(std::string_view behind);

/// Whether `word` is in the list.
bool is_listed(std::span<const std::string_view> list, std::string_view word);

}  // namespace ship
