#include "record/ansi.hpp"

#include <cstddef>

namespace ship {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\a';

bool is_between(char c, char low, char high) { return c >= low && c <= high; }

/// The size of an incomplete sequence: none.
constexpr std::size_t kBroken = 0;

/// The end of a control sequence whose parameters start at `at`: parameters, intermediate bytes,
/// one final byte.
std::size_t end_of_control(std::string_view text, std::size_t at) {
  while (at < text.size() && is_between(text[at], '\x20', '\x3f')) ++at;
  return at < text.size() && is_between(text[at], '\x40', '\x7e') ? at + 1 : kBroken;
}

/// The end of a string (a title, a link) that a bell, or ESC and a backslash, terminates.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  at = text.find_first_of("\a\x1b", at);
  if (at == std::string_view::npos) return kBroken;
  if (text[at] == kBell) return at + 1;
  return text.substr(at + 1).starts_with('\\') ? at + 2 : kBroken;
}

/// The final characters allowed after the character that announces a three-character sequence.
constexpr std::string_view finals_behind(char announcer) {
  switch (announcer) {
    case ' ':
      return "FGLMN";
    case '#':
      return "34568";
    case '%':
      return "@8G";
    case '(':
    case ')':
    case '*':
    case '+':
      return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<=>";
    default:
      return {};
  }
}

/// The end of the sequence that starts with the escape character at `at` (ECMA-48, ECMA-35), or
/// kBroken. Of the short sequences it accepts those that terminals know: any other character after
/// an escape is text.
std::size_t end_of_sequence(std::string_view text, std::size_t at) {
  constexpr std::string_view kShort = "6789=<>DEHMZc\\lmno|}~";
  if (++at == text.size()) return kBroken;
  const char kind = text[at++];
  if (kind == '[') return end_of_control(text, at);
  if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
    return end_of_string(text, at);
  }
  if (kShort.find(kind) != std::string_view::npos) return at;
  const bool whole =
      at < text.size() && finals_behind(kind).find(text[at]) != std::string_view::npos;
  return whole ? at + 1 : kBroken;
}

}  // namespace

std::string_view without_ansi(std::string_view text, std::string& scratch) {
  std::size_t escape = text.find(kEscape);
  if (escape == std::string_view::npos) return text;
  scratch.clear();
  std::size_t from = 0;
  while (escape != std::string_view::npos) {
    const std::size_t end = end_of_sequence(text, escape);
    if (end == kBroken) {
      escape = text.find(kEscape, escape + 1);
      continue;
    }
    scratch.append(text, from, escape - from);
    from = end;
    escape = text.find(kEscape, from);
  }
  scratch.append(text, from);
  return scratch;
}

}  // namespace ship
