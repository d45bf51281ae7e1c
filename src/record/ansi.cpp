#include "record/ansi.hpp"

#include <cstddef>

namespace ship {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\a';

bool is_between(char c, char low, char high) { return c >= low && c <= high; }

/// Behind a control sequence whose parameters start at `at`: those, intermediate bytes, one final
/// byte.
std::size_t end_of_control(std::string_view text, std::size_t at) {
  while (at < text.size() && is_between(text[at], '\x20', '\x3f')) ++at;
  // Anything else than a final byte breaks it off and stands for itself.
  return at < text.size() && is_between(text[at], '\x40', '\x7e') ? at + 1 : at;
}

/// Behind a string (a title, a link) that is ended by a bell or by ESC and a backslash.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
  }
  return at;
}

/// Behind the sequence that starts with the escape character at `at`.
std::size_t end_of_sequence(std::string_view text, std::size_t at) {
  if (++at == text.size()) return at;
  const char kind = text[at];
  if (kind == '[') return end_of_control(text, at + 1);
  if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
    return end_of_string(text, at + 1);
  }
  while (at < text.size() && is_between(text[at], '\x20', '\x2f')) ++at;
  return at < text.size() && is_between(text[at], '\x30', '\x7e') ? at + 1 : at;
}

}  // namespace

std::string_view without_ansi(std::string_view text, std::string& scratch) {
  std::size_t escape = text.find(kEscape);
  if (escape == std::string_view::npos) return text;
  scratch.clear();
  std::size_t from = 0;
  while (escape != std::string_view::npos) {
    scratch.append(text, from, escape - from);
    from = end_of_sequence(text, escape);
    escape = text.find(kEscape, from);
  }
  scratch.append(text, from);
  return scratch;
}

}  // namespace ship
