#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ship {

/// One character of the inside of a JSON string: how many bytes it takes as written, and what it
/// means.
struct JsonCharacter {
  std::size_t raw_size = 0;
  std::size_t size = 0;  ///< 1 to 4
  char text[4] = {};     ///< UTF-8; U+FFFD for a lone surrogate
};

/// Reads the escape at the start of `raw`, which is a backslash. A surrogate pair is one character.
/// An invalid escape (RFC 8259, 7) yields just its backslash. Never reads outside `raw`.
JsonCharacter read_json_escape(std::string_view raw);

/// Appends the text that the inside of a JSON string represents, as UTF-8. The result is never
/// longer than `raw`: even the six bytes of a lone surrogate become three.
void append_json_unescaped(std::string& out, std::string_view raw);

/// The same in `scratch`, or `raw` itself if it holds no backslash. The view lives as long as both.
std::string_view json_unescaped(std::string_view raw, bool escaped, std::string& scratch);

}  // namespace ship
