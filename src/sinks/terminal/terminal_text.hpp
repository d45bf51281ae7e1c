#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ship {

/// What happens to colour sequences (SGR, "\x1b[31m") in text that an application wrote.
enum class Sgr : std::uint8_t {
  remove,
  keep,  ///< all but "conceal", which would hide text from the reader
};

/// Appends text from a log to `out`, safe for a terminal: control characters (C0, DEL, C1), line
/// and paragraph separators and the marks that change text direction are shown as escapes ("\x1b",
/// "\u202e"), so that log data can neither move the cursor nor forge what is on the screen. Tabs
/// stay; newlines stay if `newlines` says so. `text` is UTF-8.
void append_harmless(std::string_view text, std::string& out, bool newlines = false,
                     Sgr sgr = Sgr::remove);

/// Appends any text as the inside of a JSON string that is safe for a terminal: as
/// append_json_text, and the marks that append_harmless shows as escapes become \\uXXXX.
void append_visible_json(std::string_view text, std::string& out);

/// How many columns a terminal uses for `text`, which holds no control characters: wide East Asian
/// characters and emoji take two, combining marks none. Good enough to break lines by.
std::size_t display_width(std::string_view text);

}  // namespace ship
