#pragma once

#include <string_view>

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {

// ASCII only, whatever the locale.
constexpr bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
constexpr bool is_hex(char c) { return hex_value(c) >= 0; }
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The characters of tokens, and of tokens in parts, such as JWT and its disclosures (SD-JWT).
constexpr bool is_token(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
constexpr bool is_dotted_token(char c) { return is_token(c) || c == '.' || c == '~'; }
/// RFC 7235: the characters of credentials after a scheme.
constexpr bool is_token68(char c) { return is_dotted_token(c) || c == '+' || c == '/' || c == '='; }
/// The characters that end an unquoted value.
constexpr bool is_closing(char c) {
  return c == ')' || c == ']' || c == '}' || c == '>' || c == '<' || c == '"' || c == '\'' ||
         c == '`';
}

constexpr std::string_view piece(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

/// The result of a finder that found nothing.
constexpr Extent nothing(std::size_t examined_end) { return {0, 0, examined_end}; }

/// Whether no letter or digit touches [begin, end) of `text`, so that it is not part of a word or a
/// larger number.
constexpr bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0 && (is_word(text[begin - 1]) || (text[begin - 1] & 0x80) != 0)) return false;
  return end >= text.size() || !(is_word(text[end]) || (text[end] & 0x80) != 0);
}

}  // namespace ship
