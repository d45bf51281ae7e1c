#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace ship {

/// The most that a JSON string needs for one byte of any text: a control character becomes \u00XX.
inline constexpr std::size_t kMaxJsonBytesPerByte = 6;

/// Writes `text` unchanged; returns the end of what was written.
inline char* write_text(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Writes any bytes as the inside of a JSON string (RFC 8259, without the quotes around it):
/// quotes, backslashes and control characters, including NUL, are escaped; each maximal ill-formed
/// part of UTF-8 becomes U+FFFD (Unicode 15, 3.9, as in WHATWG decoders). `out` has room for
/// text.size() * kMaxJsonBytesPerByte bytes and does not overlap `text`. Returns the end of what
/// was written.
char* write_json_text(char* out, std::string_view text);

/// Appends the same to `out`, also without quotes.
void append_json_text(std::string& out, std::string_view text);

/// The same, in quotes.
void append_json_string(std::string& out, std::string_view text);

/// The longest prefix of `text` that takes at most `max_bytes` as the inside of a JSON string, as
/// above.
std::string_view json_text_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace ship
