#pragma once

#include <string>
#include <string_view>

namespace ship {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";
inline constexpr std::string_view kHexCapitals = "0123456789ABCDEF";

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
