#pragma once

#include <algorithm>
#include <string_view>

namespace ship {

// Classes of ASCII characters, independent of the locale; bytes of 0x80 and above are in none.

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
constexpr bool is_upper(char c) { return static_cast<unsigned char>(c - 'A') < 26; }
constexpr bool is_lower(char c) { return static_cast<unsigned char>(c - 'a') < 26; }
constexpr bool is_letter(char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }
/// The lower case of a letter; any other character unchanged.
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }

constexpr bool equal_in_any_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

}  // namespace ship
