#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace ship {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::string_view kHexCapitals = "0123456789ABCDEF";

/// The two digits of each byte, one pair after the other.
inline constexpr std::array<char, 512> kHexPairs = [] {
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kHexDigits[byte >> 4];
    pairs[2 * byte + 1] = kHexDigits[byte & 15];
  }
  return pairs;
}();

/// The value of a hexadecimal digit in either case, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = (c | 0x20) - 'a';
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/// Appends a byte as two digits.
inline void append_hex(std::string& out, unsigned char byte, std::string_view digits = kHexDigits) {
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

}  // namespace ship
