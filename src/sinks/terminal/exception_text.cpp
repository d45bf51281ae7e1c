#include "sinks/terminal/exception_text.hpp"

#include <algorithm>
#include <array>

#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

constexpr std::string_view kIndent = "    ";

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

/// Whether it is code that was installed, not written by the person reading.
bool is_library_code(std::string_view line) {
  static constexpr std::array<std::string_view, 8> kMarks = {
      "/site-packages/", "/dist-packages/", "/lib/python", "<frozen ",
      "/node_modules/",  "node:internal",   "(node:",      "/usr/lib/"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [line](std::string_view mark) { return contains(line, mark); });
}

/// Whether the line names a place, as Python and Node write it.
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

/// "  at function (file:line)", with its code below and the frame's other members after it.
void append_frame(std::string& out, const Pen& pen, const JsonValue& value) {
  const StackFrame frame = read_frame(value);
  if (frame.file.empty() && frame.function.empty()) {
    append_line(out, pen, {}, "  " + std::string(value.raw));
    return;
  }
  const std::string_view style = is_library_code(frame.file) ? style::kDim : std::string_view();
  append_line(out, pen, style, "  at " + frame.place() + frame.rest);
  if (!frame.code.empty()) append_line(out, pen, style::kDim, "      " + frame.code);
}

void append_frames(std::string& out, const Pen& pen, const JsonValue& frames) {
  for (JsonWalk walk(frames); walk.next();) {
    if (walk.value().is_object()) {
      append_frame(out, pen, walk.value());
    } else {
      each_line(walk.value().text(),
                [&](std::string_view line) { append_line(out, pen, {}, line); });
    }
  }
}

/// Whether a line of the stack that is not a frame already says type and message. pino's message is
/// followed by those of the causes, each of which has its own line.
bool is_told(const LoggedException& exception) {
  const std::string& type = exception.type;
  const std::string& message = exception.message;
  const std::string& stack = exception.stack;
  if (stack.empty()) return false;
  const std::string_view first = std::string_view(message).substr(0, message.find('\n'));
  std::string headers;
  each_line(stack, [&](std::string_view line) {
    if (!line.starts_with(' ') && !line.starts_with('\t')) headers.append(line).push_back('\n');
  });
  if (!contains(headers, type)) return false;
  std::string_view left = first;
  while (!left.empty()) {
    if (contains(headers, left)) return true;
    const std::size_t end = left.find(": ");
    if (end == std::string_view::npos || !contains(headers, left.substr(0, end))) return false;
    left.remove_prefix(end + 2);
  }
  return !type.empty() || message.empty();
}

}  // namespace

void append_exception(const LoggedException& exception, std::string& out, const Pen& pen) {
  const std::string& type = exception.type;
  const std::string& message = exception.message;
  const std::string& stack = exception.stack;
  if (!exception.relation.empty()) append_line(out, pen, style::kDim, exception.relation + ":");
  if (!is_told(exception)) {
    const bool both = !type.empty() && !message.empty();
    each_line(type + (both ? ": " : "") + message,
              [&](std::string_view line) { append_line(out, pen, style::kBoldRed, line); });
  }
  bool library = false;
  each_line(stack, [&](std::string_view line) {
    const bool indented = line.starts_with(' ') || line.starts_with('\t');
    if (!indented) library = false;
    if (names_place(line)) library = is_library_code(line);
    // In Python the exception is the last line, in Node and Java the first.
    const bool is_header =
        !indented && !type.empty() && contains(line.substr(0, line.find(':')), type);
    append_line(out, pen,
                is_header ? style::kBoldRed
                : library ? style::kDim
                          : std::string_view(),
                line);
  });
  // fapilog and others write the frames of a stack in addition to its text.
  if (stack.empty()) append_frames(out, pen, exception.frames);
  for (const std::string& note : exception.notes) {
    each_line(note, [&](std::string_view line) { append_line(out, pen, {}, line); });
  }
  for (const auto& [key, value] : exception.rest) {
    append_line(out, pen, style::kDim, "  " + key + "=" + value.text());
  }
  for (const LoggedException& other : exception.others) append_exception(other, out, pen);
}

void append_block(std::string& out, std::string_view text) {
  const Pen plain(false);
  each_line(text, [&](std::string_view line) { append_line(out, plain, {}, line); });
}

}  // namespace ship
