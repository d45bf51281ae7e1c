#include "config/toml_advice.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"

namespace ship {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed_line(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(trimmed_line(text.substr(0, end)));
    if (end == text.size()) return lines;
    text.remove_prefix(end + 1);
  }
}

bool is_bare_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

/// "key" and "value" of `key = value`; without a key if the line is something else.
struct Assignment {
  std::string_view key, value;

  explicit Assignment(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == line.npos) return;
    key = trimmed_line(line.substr(0, equals));
    value = trimmed_line(line.substr(equals + 1));
    if (!is_bare_key(key)) key = {};
  }
};

/// A text that nobody could take for a secret or for more than one word.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("_-./:+%").find(c) != std::string_view::npos;
  });
}

/// `key: value`, as YAML writes it.
bool is_yaml(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (line.starts_with("- ")) return true;
  return colon != line.npos && line.find('=') == line.npos && is_bare_key(line.substr(0, colon)) &&
         (colon + 1 == line.size() || line[colon + 1] == ' ');
}

/// The line in which the table or key of line `number` was given before; 0: none is found.
std::size_t given_before(const std::vector<std::string_view>& lines, std::size_t number) {
  const std::string_view line = lines[number - 1];
  const bool is_table = line.starts_with('[');
  const std::string_view key = Assignment(line).key;
  for (std::size_t at = number - 1; at > 0; --at) {
    const std::string_view other = lines[at - 1];
    if (is_table ? other == line : !key.empty() && Assignment(other).key == key) return at;
    if (!is_table && other.starts_with('[')) return 0;
  }
  return 0;
}

/// `10 000` or `10,000`: how a number is written instead; empty: it is none.
std::string grouped_number(std::string_view value) {
  std::string digits;
  bool grouped = false;
  for (const char c : value.substr(0, value.find('#'))) {
    if (is_digit(c)) {
      digits += c;
    } else if (c == ' ' || c == ',' || c == '\'') {
      grouped = true;
      digits += '_';
    } else {
      return {};
    }
  }
  while (!digits.empty() && digits.back() == '_') digits.pop_back();
  return grouped && digits.find('_') != digits.npos && is_digit(digits.front()) ? digits
                                                                                : std::string();
}

/// A text that begins with a quote, and has no other.
bool is_open_text(std::string_view value) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return false;
  return value.find(value.front(), 1) == value.npos;
}

std::string advice_on_line(const std::vector<std::string_view>& lines, std::size_t number) {
  const std::string_view line = lines[number - 1];
  const Assignment assignment(line);
  if (lines.front().starts_with('{')) {
    return "this looks like JSON; the configuration is TOML: [sinks.NAME], then url = \"…\"";
  }
  if (is_yaml(line)) {
    const std::string key(line.substr(0, line.find(':')));
    return "this looks like YAML; the configuration is TOML: " +
           (line.ends_with(':') ? "[" + key + "]" : key + " = \"…\"");
  }
  if (line.find("\xe2\x80\x9c") != line.npos || line.find("\xe2\x80\x9d") != line.npos) {
    return "these are typographic quotes; write plain ones: \"";
  }
  if (const std::string digits = grouped_number(assignment.value); !digits.empty()) {
    return "a number has no blanks or commas; write " + std::string(assignment.key) + " = " +
           digits;
  }
  if (line.starts_with('[') && line.find(']') == line.npos) {
    return "missing closing ]; write " + std::string(line) + "]";
  }
  if (is_open_text(assignment.value)) return "missing closing quote";
  if (!assignment.key.empty() && assignment.value.empty()) {
    return "the value of " + std::string(assignment.key) + " is missing";
  }
  if (!assignment.key.empty() && is_word(assignment.value) && !is_digit(assignment.value.front())) {
    return "put the text in quotes: " + std::string(assignment.key) + " = \"" +
           std::string(assignment.value) + "\"";
  }
  return {};
}

}  // namespace

std::string toml_advice(std::string_view text, std::string_view finding, std::uint32_t line,
                        std::uint32_t column) {
  const auto finds = [&](std::string_view part) { return finding.find(part) != finding.npos; };
  const std::vector<std::string_view> lines = lines_of(text);
  // What is missing at the end of a line is found at the start of the next.
  std::size_t number = std::clamp<std::size_t>(line, 1, lines.size());
  if (number > 1 && column == 1 && lines[number - 1].empty()) --number;
  if (finds("cannot redefine") || finds("already")) {
    const std::size_t before = given_before(lines, number);
    const std::string_view key = Assignment(lines[number - 1]).key;
    const std::string what = key.empty() ? "this table" : std::string(key);
    if (before == 0) return what + " is set twice";
    const std::string where = what + " is already set in line " + std::to_string(before);
    if (key.empty()) return where + "; put the keys of both tables under one head";
    return where + (key == "url"
                        ? "; remove one, or give the other sink a table of its own, [sinks.NAME]"
                        : "; remove one");
  }
  if (finds("escape sequence")) {
    return "an unknown escape; write a backslash as \\\\, or the text in single quotes: 'C:\\logs'";
  }
  if (const std::string advice = advice_on_line(lines, number); !advice.empty()) return advice;
  static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"could not determine value type", "put the text in quotes, as in key = \"text\""},
      {"end-of-file", "the file ends in the middle of this"},
      {"unterminated", "a closing quote or bracket is missing"},
      {"unescaped control",
       "a closing quote is missing: a text ends on the line that it begins on"},
      {"nested value depth", "values are nested too deep"}};
  for (const auto& [part, words] : kWords) {
    if (finds(part)) return std::string(words);
  }
  return "expected key = value, or [table]";
}

}  // namespace ship
