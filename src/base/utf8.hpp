#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ship {

/// What a text starts with.
struct Utf8Sequence {
  std::size_t size = 0;  ///< of the well-formed sequence, or of the maximal ill-formed part
  bool well_formed = false;
};

/// `text` is not empty.
Utf8Sequence utf8_sequence_at(std::string_view text);

/// The length of the well-formed UTF-8 sequence at the start of `text` (1 to 4), or 0 if it is
/// ill-formed. `text` is not empty.
std::size_t utf8_sequence(std::string_view text);

/// `text`, which was cut from a longer one, without a partial UTF-8 sequence at its end.
std::string_view without_partial_utf8(std::string_view text);

/// The longest prefix of `text` of at most `max_bytes` that does not end inside a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

/// The code point of one well-formed UTF-8 sequence.
std::uint32_t code_point(std::string_view sequence);

/// Writes a code point of at most U+10FFFF and returns the number of bytes it took, 1 to 4.
std::size_t write_utf8(char* out, std::uint32_t code);

}  // namespace ship
