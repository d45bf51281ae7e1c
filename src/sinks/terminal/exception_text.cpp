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

constexpr std::array<std::string_view, 6> kFileKeys = {"file",   "filename", "fileName",
                                                       "source", "path",     "abs_path"};
constexpr std::array<std::string_view, 4> kLineKeys = {"lineno", "line", "lineNumber", "line_no"};
constexpr std::array<std::string_view, 6> kFunctionKeys = {"function", "func",   "name",
                                                           "method",   "module", "methodName"};
constexpr std::array<std::string_view, 3> kClassKeys = {"className", "class", "declaringClass"};

/// "  at function (file:line)", with its code below; other members of the frame behind it.
void append_frame(std::string& out, const Pen& pen, const JsonValue& frame) {
  std::string file;
  std::string line;
  std::string function;
  std::string code;
  std::string rest;
  for (JsonWalk member(frame); member.next();) {
    const std::string_view key = member.key();
    const JsonValue& value = member.value();
    const bool number = value.kind == JsonValue::Kind::number;
    const bool scalar = value.is_text() || number;
    const std::string text = scalar ? value.text() : std::string(value.raw);
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    if (value.kind == JsonValue::Kind::null || text.empty()) continue;
    if (scalar && file.empty() && is_one_of(key, kFileKeys)) {
      file = text;
    } else if (scalar && digits && line.empty() && is_one_of(key, kLineKeys)) {
      line = text;
    } else if (scalar && is_one_of(key, kClassKeys)) {
      function = function.empty() ? text : text + "." + function;
    } else if (scalar && is_one_of(key, kFunctionKeys)) {
      function = function.empty() ? text : function + "." + text;
    } else if (value.is_text() && (key == "code" || key == "line")) {
      code = text;
    } else {
      rest.append(" ").append(key).append("=").append(text);
    }
  }
  if (file.empty() && function.empty()) {
    append_line(out, pen, {}, "  " + std::string(frame.raw));
    return;
  }
  const std::string place = file + (line.empty() ? "" : ":" + line);
  const std::string_view style = is_library_code(file) ? style::kDim : std::string_view();
  append_line(out, pen, style,
              "  at " + (function.empty() ? place : function + " (" + place + ")") + rest);
  if (!code.empty()) append_line(out, pen, style::kDim, "      " + code);
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

/// Nothing is said by a member that is null, false or empty.
bool says_nothing(const JsonValue& value) {
  return value.kind == JsonValue::Kind::null || value.raw == "false" || value.raw == "[]" ||
         value.raw == "{}";
}

}  // namespace

bool is_exception_key(std::string_view key) {
  static constexpr std::array<std::string_view, 11> kKeys = {
      "exception",   "exc_info",   "exc_text",  "err", "error",     "stack",
      "stack_trace", "stacktrace", "traceback", "@x",  "stack_info"};
  return is_one_of(key, kKeys);
}

bool are_frames(const JsonValue& list) {
  if (list.kind != JsonValue::Kind::array) return false;
  bool any = false;
  for (JsonWalk walk(list); walk.next(); any = true) {
    bool frame = walk.value().is_text();
    for (JsonWalk member(walk.value()); member.next() && !frame;) {
      frame = is_one_of(member.key(), kFileKeys) || is_one_of(member.key(), kClassKeys);
    }
    if (!frame) return false;
  }
  return any;
}

void ExceptionText::take_all(const JsonValue& object) {
  for (JsonWalk walk(object); walk.next();) {
    if (walk.key() == "is_cause" && walk.value().raw == "true") {
      relation = "caused by";
    } else if (take(walk.key(), walk.value()) || says_nothing(walk.value())) {
      continue;
    } else if (walk.key() != "is_group") {
      rest.emplace_back(walk.key(), walk.value());
    }
  }
}

bool ExceptionText::take(std::string_view key, const JsonValue& value) {
  static constexpr std::array<std::string_view, 9> kTypes = {
      "error.type", "type", "exc_type",  "name",          "class",
      "kind",       "Type", "className", "exception.type"};
  static constexpr std::array<std::string_view, 8> kMessages = {
      "error.message", "message", "exc_value",         "msg",
      "Message",       "value",   "exception.message", "errorMessage"};
  static constexpr std::array<std::string_view, 12> kStacks = {"error.stack",
                                                               "stack",
                                                               "stacktrace",
                                                               "stack_trace",
                                                               "traceback",
                                                               "StackTrace",
                                                               "exception.stacktrace",
                                                               "extendedStackTrace",
                                                               "stackTrace",
                                                               "backtrace",
                                                               "trace",
                                                               "error.stack_trace"};
  static constexpr std::array<std::string_view, 3> kFrames = {"error.frames", "frames",
                                                              "stepArray"};
  static constexpr std::array<std::string_view, 3> kNotes = {"exc_notes", "notes", "__notes__"};
  if (is_one_of(key, kFrames) || is_one_of(key, kStacks)) {
    // Read back from fapilog's pretty output it is Python's text of a list; the stack says the
    // same.
    if (key == "error.frames" && value.is_text()) return true;
    if (value.kind == JsonValue::Kind::array) {
      if (!frames.raw.empty() || !are_frames(value)) return false;
      frames = value;
      return true;
    }
  }
  if (is_one_of(key, kNotes) && value.kind == JsonValue::Kind::array) {
    for (JsonWalk walk(value); walk.next();) notes.push_back(walk.value().text());
    return true;
  }
  if (!value.is_text()) return take_others(key, value);
  std::string* into = is_one_of(key, kStacks)     ? &stack
                      : is_one_of(key, kMessages) ? &message
                      : is_one_of(key, kTypes)    ? &type
                                                  : nullptr;
  if (into == nullptr || !into->empty()) return false;
  value.append_text(*into);
  return true;
}

/// Causes and members of a group, one object or a list of them.
bool ExceptionText::take_others(std::string_view key, const JsonValue& value) {
  static constexpr std::array<std::string_view, 8> kCauses = {
      "cause",          "causes",    "inner",     "innerException",
      "InnerException", "__cause__", "rootCause", "previous"};
  static constexpr std::array<std::string_view, 5> kGroups = {
      "exceptions", "errors", "aggregateErrors", "InnerExceptions", "members"};
  const std::string_view how = is_one_of(key, kCauses)   ? "caused by"
                               : is_one_of(key, kGroups) ? "group"
                               : key == "suppressed"     ? "suppressed"
                                                         : "";
  if (how.empty()) return false;
  std::vector<ExceptionText> found;
  const auto add = [&](const JsonValue& object) {
    ExceptionText one;
    one.relation = how;
    one.take_all(object);
    found.push_back(std::move(one));
    return !found.back().empty();
  };
  if (value.is_object()) {
    if (!add(value)) return false;
  } else if (value.kind == JsonValue::Kind::array) {
    for (JsonWalk walk(value); walk.next();) {
      // structlog writes a group's member as the list of its own chain.
      const JsonValue element = walk.value();
      if (element.kind != JsonValue::Kind::array) {
        if (!add(element)) return false;
        continue;
      }
      for (JsonWalk chain(element); chain.next();) {
        if (!add(chain.value())) return false;
      }
    }
  } else {
    return false;
  }
  others.insert(others.end(), found.begin(), found.end());
  return true;
}

/// Whether a line of the stack that is not a frame's says type and message already. pino's message
/// has those of the causes behind it, each of which has a line of its own.
bool ExceptionText::is_told() const {
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

void ExceptionText::append(std::string& out, const Pen& pen) const {
  if (!relation.empty()) append_line(out, pen, style::kDim, relation + ":");
  if (!is_told()) {
    const bool both = !type.empty() && !message.empty();
    each_line(type + (both ? ": " : "") + message,
              [&](std::string_view line) { append_line(out, pen, style::kBoldRed, line); });
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
  // fapilog and others write the frames of a stack beside its text.
  if (stack.empty()) append_frames(out, pen, frames);
  for (const std::string& note : notes) {
    each_line(note, [&](std::string_view line) { append_line(out, pen, {}, line); });
  }
  for (const auto& [key, value] : rest) {
    append_line(out, pen, style::kDim, "  " + key + "=" + value.text());
  }
  for (const ExceptionText& other : others) other.append(out, pen);
}

void append_block(std::string& out, std::string_view text) {
  const Pen plain(false);
  each_line(text, [&](std::string_view line) { append_line(out, plain, {}, line); });
}

}  // namespace ship
