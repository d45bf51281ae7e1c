#include "stage/redact/placeholder.hpp"

#include <algorithm>
#include <array>

#include "stage/redact/characters.hpp"

namespace ship {
namespace {

// Whether `value` is one name, as in the brackets of a placeholder.
bool is_name(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_letter(c) || c == '_' || c == '-' || c == '.' || c == ':' || c == ' ' || c == '*';
  });
}

}  // namespace

bool is_placeholder(std::string_view value) {
  const bool masked = std::all_of(value.begin(), value.end(), [](char c) {
    return c == '*' || c == 'x' || c == 'X' || c == '.' || c == '-' || c == '_' || c == '?' ||
           c == '#';
  });
  if (masked) return true;
  // What this stage and others leave of a secret: a mask and the end, or a token.
  constexpr std::size_t kLongestEnd = 4;
  if (value.starts_with("***") && (value.size() <= 3 + kLongestEnd || value[3] == '@')) return true;
  constexpr std::size_t kTokenSize = 21;
  if (value.starts_with("hmac:") && value.size() == kTokenSize &&
      std::all_of(value.begin() + 5, value.end(), is_hex)) {
    return true;
  }
  const auto holds_name = [&](std::size_t opening, std::size_t closing) {
    return value.size() >= opening + closing &&
           is_name(value.substr(opening, value.size() - opening - closing));
  };
  const char last = value.back();
  switch (value.front()) {
    case '<':
      return last == '>' && holds_name(1, 1);
    case '[':
      return last == ']' && holds_name(1, 1);
    case '{':
      return last == '}' && (holds_name(1, 1) || (value.ends_with("}}") && holds_name(2, 2)));
    case '$':
      return value.size() > 1 && (value[1] == '{' || value[1] == '(') &&
             (last == '}' || last == ')') && holds_name(2, 1);
    case '%':
      return (value.size() == 2 && is_letter(value[1])) || value.starts_with("%(");
    default:
      return false;
  }
}

bool equals_lower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(),
                                                   [](char a, char b) { return to_lower(a) == b; });
}

bool is_plain_word(std::string_view value) {
  static constexpr std::array<std::string_view, 86> kWords = {
      "a",        "an",      "and",      "are",      "as",        "at",        "available",
      "be",       "blank",   "but",      "can",      "cannot",    "changed",   "check",
      "correct",  "could",   "created",  "deleted",  "denied",    "disabled",  "does",
      "empty",    "enabled", "enter",    "error",    "expired",   "failed",    "failure",
      "false",    "field",   "for",      "found",    "from",      "generated", "given",
      "has",      "hidden",  "in",       "include",  "incorrect", "invalid",   "is",
      "it",       "length",  "missing",  "mismatch", "must",      "never",     "new",
      "nil",      "no",      "none",     "not",      "null",      "of",        "off",
      "ok",       "on",      "omit",     "optional", "or",        "please",    "redacted",
      "rejected", "removed", "required", "reset",    "rotated",   "set",       "should",
      "success",  "the",     "to",       "too",      "true",      "undefined", "unknown",
      "unset",    "updated", "was",      "weak",     "will",      "with",      "wrong",
      "yes",      "your"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return equals_lower(value, word); });
}

}  // namespace ship
