#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ship {

/// The scalars of RFC 8259, checked in place. Each function reads on until a byte that cannot
/// belong to the scalar, so the text must be followed by one that never does: a newline. Inline,
/// because they are the probe's inner loop.

inline bool is_json_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// Whether a scalar may end before `c`: white space, comma, closing bracket or brace.
inline bool ends_json_scalar(char c) {
  static constexpr std::array<bool, 256> kEnds = [] {
    std::array<bool, 256> ends{};
    for (const unsigned char end : {' ', '\t', '\n', '\r', ',', ']', '}'}) ends[end] = true;
    return ends;
  }();
  return kEnds[static_cast<unsigned char>(c)];
}

/// Whether there is a number at `p`, which holds a minus or a digit (RFC 8259, 6), and it ends
/// correctly.
inline bool is_json_number(const char* p) {
  if (*p == '-') ++p;
  if (*p == '0') {
    ++p;
  } else {
    if (!is_json_digit(*p)) return false;
    do ++p;
    while (is_json_digit(*p));
  }
  if (*p == '.') {
    if (!is_json_digit(*++p)) return false;
    do ++p;
    while (is_json_digit(*p));
  }
  if ((*p | 0x20) == 'e') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_json_digit(*p)) return false;
    do ++p;
    while (is_json_digit(*p));
  }
  return ends_json_scalar(*p);
}

/// Whether the `size` bytes at `p`, eight of which are readable, are a number of one to eight
/// digits without a leading zero: most numbers in a log, checked all at once.
inline bool is_short_json_integer(const char* p, std::size_t size) {
  if (size - 1 > 7 || *p == '0') return false;
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  word = (word ^ 0x3030303030303030) << (8 * (sizeof word - size));
  return ((word | (word + 0x0606060606060606)) & 0xf0f0f0f0f0f0f0f0) == 0;
}

/// Whether there is a number, true, false or null at `p`, and it ends correctly. Reads up to 6
/// bytes.
inline bool is_json_number_or_literal(const char* p) {
  if (is_json_digit(*p)) return is_json_number(p);
  switch (*p) {
    case '-':
      return is_json_number(p);
    case 't':
      return std::memcmp(p, "true", 4) == 0 && ends_json_scalar(p[4]);
    case 'f':
      return std::memcmp(p, "false", 5) == 0 && ends_json_scalar(p[5]);
    case 'n':
      return std::memcmp(p, "null", 4) == 0 && ends_json_scalar(p[4]);
    default:
      return false;
  }
}

/// Whether each backslash from `p`, which is one, to `end` starts an escape of RFC 8259, 7. A lone
/// surrogate counts as one. `*end` is a newline.
inline bool are_json_escapes(const char* p, const char* end) {
  static constexpr std::array<bool, 256> kSimple = [] {
    std::array<bool, 256> simple{};
    for (const unsigned char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) simple[c] = true;
    return simple;
  }();
  const auto is_hex = [](char c) {
    return is_json_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6;
  };
  while (p != nullptr) {
    if (kSimple[static_cast<unsigned char>(p[1])]) {
      p += 2;
    } else if (p[1] == 'u' && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) && is_hex(p[5])) {
      p += 6;
    } else {
      return false;
    }
    p = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
  }
  return true;
}

}  // namespace ship
