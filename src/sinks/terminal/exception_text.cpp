#include "sinks/terminal/exception_text.hpp"

#include <algorithm>
#include <array>

#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

constexpr std::string_view kIndent = "    ";

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view without_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

/// Calls `line` for each line of `text`.
template <class Line>
void each_line(std::string_view text, Line line) {
  text = without_end(text);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Code that was installed, not written by whoever reads this.
bool is_library_code(std::string_view line) {
  static constexpr std::array<std::string_view, 8> kMarks = {
      "/site-packages/", "/dist-packages/", "/lib/python", "<frozen ",
      "/node_modules/",  "node:internal",   "(node:",      "/usr/lib/"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [line](std::string_view mark) { return contains(line, mark); });
}

/// A line that names a place, as Python and Node write it.
bool names_place(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line.starts_with("File \"") || line.starts_with("at ");
}

void append_line(std::string& out, const Pen& pen, std::string_view style, std::string_view line) {
  std::string harmless;
  append_harmless(line, harmless);
  out.append(kIndent);
  pen.write(out, style, harmless);
  out.push_back('\n');
}

/// "  at function (file:line)", one for each frame, with its code below.
void append_frames(std::string& out, const Pen& pen, const JsonValue& frames) {
  for (JsonWalk walk(frames); walk.next();) {
    std::string file;
    std::string line;
    std::string function;
    std::string code;
    for (JsonWalk frame(walk.value()); frame.next();) {
      const std::string_view key = frame.key();
      if (key == "file" || key == "filename") file = frame.value().text();
      if (key == "line" || key == "lineno") line = frame.value().text();
      if (key == "function" || key == "name") function = frame.value().text();
      if (key == "code") code = frame.value().text();
    }
    if (file.empty() && function.empty()) continue;
    const std::string_view style = is_library_code(file) ? style::kDim : std::string_view();
    append_line(out, pen, style, "  at " + function + " (" + file + ":" + line + ")");
    if (!code.empty()) append_line(out, pen, style::kDim, "      " + code);
  }
}

}  // namespace

bool is_exception_key(std::string_view key) {
  static constexpr std::array<std::string_view, 11> kKeys = {
      "exception",   "exc_info",   "exc_text",  "err", "error",     "stack",
      "stack_trace", "stacktrace", "traceback", "@x",  "stack_info"};
  return is_one_of(key, kKeys);
}

bool ExceptionText::take(std::string_view key, const JsonValue& value) {
  static constexpr std::array<std::string_view, 6> kTypes = {"error.type", "type",  "exc_type",
                                                             "name",       "class", "kind"};
  static constexpr std::array<std::string_view, 4> kMessages = {"error.message", "message",
                                                                "exc_value", "msg"};
  static constexpr std::array<std::string_view, 5> kStacks = {"error.stack", "stack", "stacktrace",
                                                              "stack_trace", "traceback"};
  if (key == "error.frames" || key == "frames") {
    // Read back from fapilog's pretty output it is Python's text of a list; the stack says the
    // same.
    if (key == "error.frames" && value.is_text()) return true;
    if (value.kind != JsonValue::Kind::array) return false;
    frames = value;
    return true;
  }
  if (!value.is_text()) return false;
  std::string* into = is_one_of(key, kStacks)     ? &stack
                      : is_one_of(key, kMessages) ? &message
                      : is_one_of(key, kTypes)    ? &type
                                                  : nullptr;
  if (into == nullptr || !into->empty()) return false;
  value.append_text(*into);
  return true;
}

void ExceptionText::append(std::string& out, const Pen& pen) const {
  const bool told = contains(stack, type) && contains(stack, message);
  if (stack.empty() || !told) {
    const bool both = !type.empty() && !message.empty();
    each_line(type + (both ? ": " : "") + message,
              [&](std::string_view line) { append_line(out, pen, style::kBoldRed, line); });
  }
  if (stack.empty()) {
    append_frames(out, pen, frames);
    return;
  }
  bool library = false;
  each_line(stack, [&](std::string_view line) {
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    if (!indented) library = false;
    if (names_place(line)) library = is_library_code(line);
    // In Python's way the exception is the last line, in Node's and Java's the first.
    const bool is_header =
        !indented && !type.empty() && contains(line.substr(0, line.find(':')), type);
    append_line(out, pen,
                is_header ? style::kBoldRed
                : library ? style::kDim
                          : std::string_view(),
                line);
  });
}

void append_block(std::string& out, std::string_view text) {
  const Pen plain(false);
  each_line(text, [&](std::string_view line) { append_line(out, plain, {}, line); });
}

}  // namespace ship
