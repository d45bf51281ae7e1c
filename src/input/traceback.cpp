#include "input/traceback.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/ascii.hpp"
#include "base/begins.hpp"

namespace ship {
namespace {

/// How much of a message's first line is kept.
constexpr std::size_t kMostOfHead = 64u << 10;

constexpr std::string_view kPythonHeader = "Traceback (most recent call last):";
constexpr std::string_view kStackHeader = "Stack (most recent call last):";
constexpr std::string_view kGroupHeader = "+ Exception Group Traceback (most recent call last):";

bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '$'; }
bool is_indent(char c) { return c == ' ' || c == '\t'; }

std::string_view without_indent(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Case-insensitive; `word` is in lower case letters.
bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char letter, char c) { return static_cast<char>(c | 0x20) == letter; });
}

/// Searched in one pass: few places in a line have the first two letters of one of these words.
bool reports_an_error(std::string_view line) {
  constexpr std::array<std::string_view, 7> kWords = {"error", "exception", "critical", "fatal",
                                                      "panic", "traceback", "uncaught"};
  // For each first letter of a word, its possible second letters, one bit each.
  constexpr std::array<std::uint32_t, 32> kSeconds = [&kWords] {
    std::array<std::uint32_t, 32> seconds{};
    for (const std::string_view word : kWords) seconds[word[0] & 31] |= 1u << (word[1] & 31);
    return seconds;
  }();
  for (std::size_t at = 0; at + 1 < line.size(); ++at) {
    if ((kSeconds[line[at] & 31] >> (line[at + 1] & 31) & 1) == 0) continue;
    if (std::any_of(kWords.begin(), kWords.end(), [rest = line.substr(at)](std::string_view word) {
          return begins_with(rest, word);
        })) {
      return true;
    }
  }
  return false;
}

/// "name" or "name: …" with a dotted name, as Python and Node end their tracebacks. Returns the
/// name.
std::string_view exception_name(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() &&
         (is_word(line[end]) || line[end] == '.' || line[end] == '<' || line[end] == '>')) {
    ++end;
  }
  if (end == 0 || is_digit(line[0])) return {};
  if (end < line.size() && line[end] != ':') return {};
  return line.substr(0, end);
}

/// "Error [ERR_MODULE_NOT_FOUND]: …", "TypeError: …", and other values that throw accepts.
bool is_node_error(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(" :"));
  return !exception_name(line).empty() || word.ends_with("Error") || begins(line, "Uncaught ");
}

/// "java.lang.IllegalStateException: …": at least one package, and a capitalised class name.
bool is_java_exception(std::string_view line) {
  const std::string_view name = exception_name(line);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 >= name.size()) return false;
  const std::string_view type = name.substr(dot + 1);
  return is_upper(type[0]) && (type.ends_with("Exception") || type.ends_with("Error") ||
                               type.ends_with("Throwable") || type.ends_with("Failure"));
}

/// "app/models/order.rb:12:in `total'", or with the plain quote of Ruby 3.4.
bool is_ruby_frame(std::string_view line) {
  const auto in = line.find(":in ");
  if (in == std::string_view::npos || in + 4 >= line.size()) return false;
  if (line[in + 4] != '`' && line[in + 4] != '\'') return false;
  std::size_t at = in;
  while (at > 0 && is_digit(line[at - 1])) --at;
  return at < in && at > 1 && line[at - 1] == ':';
}

/// "goroutine 12 [chan receive, 3 minutes]:"
bool is_goroutine(std::string_view line) {
  return begins(line, "goroutine ") && line.size() > 10 && is_digit(line[10]) &&
         contains(line, " [");
}

/// "net/http.(*conn).serve(0xc000128000, {0x7a1c28, 0xc00007c180})": one word up to the bracket.
bool is_go_call(std::string_view line) {
  const auto bracket = line.find('(');
  if (bracket == std::string_view::npos || bracket == 0) return false;
  return line.ends_with(")") && !contains(line.substr(0, bracket), " ") &&
         (is_letter(line[0]) || line[0] == '_');
}

/// "rax    0x0", from a dump that SIGQUIT or GOTRACEBACK=crash requested.
bool is_go_register(std::string_view line) {
  if (line.size() < 5 || line.size() > 40) return false;
  const auto value = line.find(" 0x");
  return value != std::string_view::npos && value <= 10 && is_letter(line[0]) &&
         !contains(without_indent(line.substr(value)), " ");
}

bool joins_go(std::string_view line) {
  return is_goroutine(line) || is_go_call(line) || is_go_register(line) ||
         begins(line, "created by ") || begins(line, "exit status ") || begins(line, "[signal ") ||
         begins(line, "...") || begins(line, "runtime stack:") || begins(line, "PC=");
}

/// Python's sentence between an exception and the one it led to.
bool announces_chain(std::string_view line) {
  return begins(line, "During handling of the above exception, another exception") ||
         begins(line, "The above exception was the direct cause of the following");
}

bool is_caret(std::string_view line) {
  const std::string_view mark = without_indent(line);
  return !mark.empty() && mark.size() < line.size() &&
         mark.find_first_not_of("^~") == std::string_view::npos && contains(mark, "^");
}

/// "file:///srv/app/lib.mjs:5", "/srv/app/lib.js:12", "node:internal/modules/cjs/loader:1080"
bool is_source_place(std::string_view line) {
  if (!begins(line, "/") && !begins(line, "file://") && !begins(line, "node:")) {
    return false;
  }
  const std::size_t colon = line.rfind(':');
  return colon + 1 < line.size() && line.find(' ') == std::string_view::npos &&
         line.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

bool is_closing(std::string_view line) {
  return !line.empty() && line.find_first_not_of("})];,") == std::string_view::npos;
}

}  // namespace

void Traceback::begin(std::string_view line) {
  std::string head = std::move(head_);
  head.assign(line.substr(0, kMostOfHead));
  *this = Traceback();
  head_ = std::move(head);
  note(line, !line.empty() && is_indent(line[0]));
  after_source_ = is_source_place(line);
  // A log line may end with the beginning of its traceback.
  if (line.ends_with(kPythonHeader)) {
    kind_ = Kind::python_frames;
    has_traceback_ = true;
  } else if (begins(line, "panic: ") || begins(line, "fatal error: ") ||
             begins(line, "SIGQUIT: ") || begins(line, "SIGABRT: ")) {
    kind_ = Kind::go;
  }
}

bool Traceback::joins(std::string_view line) {
  const bool indented = is_indent(line[0]);
  bool joined = false;
  if (after_source_) {
    joined = true;
  } else if (!indented) {
    joined = joins_unindented(line);
  } else if (begins(without_indent(line), kGroupHeader)) {
    joined = opens_after_report();
  } else {
    joined = true;
  }
  if (joined) note(line, indented);
  return joined;
}

void Traceback::append(std::string_view line) { note(line, is_indent(line[0])); }

bool Traceback::failed() const { return kind_ != Kind::text || (has_traceback_ && head_reports()); }

// Computed lazily: most lines are followed by one that starts a new message, so nobody asks.
bool Traceback::head_reports() const {
  if (!head_reports_) head_reports_ = reports_an_error(head_);
  return *head_reports_;
}

// The rules for lines at the left margin.
bool Traceback::joins_unindented(std::string_view line) {
  if (begins(line, kPythonHeader)) return opens_after_report();
  if (begins(line, kStackHeader)) return true;
  if (announces_chain(line)) return has_traceback_;
  if (kind_ == Kind::python_frames && last_indented_) {
    return !exception_name(line).empty() || is_ruby_frame(line);
  }
  if (kind_ == Kind::python_end && joins_python_end(line)) return true;
  if (begins(line, "Caused by: ") || begins(line, "Wrapped by: ")) {
    return head_reports() || last_indented_;
  }
  if (!has_traceback_ && is_java_exception(line) && head_reports()) return true;
  if (is_goroutine(line)) return head_reports() || kind_ == Kind::go;
  if (kind_ == Kind::go && joins_go(line)) return true;
  if (last_caret_ && is_node_error(line)) return true;
  if (kind_ == Kind::node && begins(line, "- ")) return true;
  if (begins(line, "Node.js v") || begins(line, "(Use `node ")) {
    return kind_ == Kind::node || last_indented_;
  }
  if (begins(line, "Require stack:")) return head_reports() || kind_ == Kind::node;
  if (is_ruby_frame(line)) return head_reports();
  return is_closing(line) && (last_indented_ || last_opens_);
}

// A traceback that starts here belongs to the line that announced it, or to the traceback before
// it.
bool Traceback::opens_after_report() const {
  return chain_announced_ || (head_reports() && !has_traceback_);
}

// What follows an exception's line is free text; these are known to be part of the message.
bool Traceback::joins_python_end(std::string_view line) const {
  constexpr std::array<std::string_view, 8> kParts = {
      "DETAIL:",      "HINT:",
      "CONTEXT:",     "[SQL:",
      "[parameters:", "(Background on this error at",
      "LINE ",        "For further information"};
  if (std::any_of(kParts.begin(), kParts.end(),
                  [line](std::string_view part) { return begins(line, part); })) {
    return true;
  }
  return validation_ && !contains(line, " ");
}

void Traceback::note(std::string_view line, bool indented) {
  const std::string_view text = without_indent(line);
  after_source_ = false;
  if ((last_caret_ && !indented) || begins(line, "Require stack:")) kind_ = Kind::node;
  last_indented_ = indented;
  last_caret_ = is_caret(line);
  last_opens_ = !line.empty() && (line.back() == '{' || line.back() == '[' || line.back() == '(');
  if (begins(text, kPythonHeader) || begins(text, kGroupHeader)) {
    kind_ = Kind::python_frames;
    has_traceback_ = true;
    chain_announced_ = false;
  } else if (announces_chain(text)) {
    chain_announced_ = true;
  } else if (indented) {
    // The horizontal rule under the last exception of a group.
    if (begins(text, "+--") && text.ends_with("---")) kind_ = Kind::python_end;
    if (begins(text, "at ") || begins(text, "from ")) has_traceback_ = true;
  } else if (is_goroutine(line)) {
    kind_ = Kind::go;
    has_traceback_ = true;
  } else if (kind_ == Kind::python_frames) {
    kind_ = Kind::python_end;
    validation_ = contains(line, "validation error");
  }
}

}  // namespace ship
