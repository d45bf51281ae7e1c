#include "record/logged_exception.hpp"

#include <algorithm>
#include <array>

namespace ship {
namespace {

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

constexpr std::array<std::string_view, 6> kFileKeys = {"file",   "filename", "fileName",
                                                       "source", "path",     "abs_path"};
constexpr std::array<std::string_view, 4> kLineKeys = {"lineno", "line", "lineNumber", "line_no"};
constexpr std::array<std::string_view, 6> kFunctionKeys = {"function", "func",   "name",
                                                           "method",   "module", "methodName"};
constexpr std::array<std::string_view, 3> kClassKeys = {"className", "class", "declaringClass"};

/// Whether a member says nothing: it is null, false or empty.
bool says_nothing(const JsonValue& value) {
  return value.kind() == JsonKind::null || value.raw == "false" || value.raw == "[]" ||
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
  if (list.kind() != JsonKind::array) return false;
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

void LoggedException::take_all(const JsonValue& object) {
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

bool LoggedException::take(std::string_view key, const JsonValue& value) {
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
    // Read back from fapilog's pretty output, it is Python's text form of a list; the stack says
    // the same.
    if (key == "error.frames" && value.is_text()) return true;
    if (value.kind() == JsonKind::array) {
      if (!frames.raw.empty() || !are_frames(value)) return false;
      frames = value;
      return true;
    }
  }
  if (is_one_of(key, kNotes) && value.kind() == JsonKind::array) {
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

/// Causes and members of a group, one object or a list of objects.
bool LoggedException::take_others(std::string_view key, const JsonValue& value) {
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
  std::vector<LoggedException> found;
  const auto add = [&](const JsonValue& object) {
    LoggedException one;
    one.relation = how;
    one.take_all(object);
    found.push_back(std::move(one));
    return !found.back().empty();
  };
  if (value.is_object()) {
    if (!add(value)) return false;
  } else if (value.kind() == JsonKind::array) {
    for (JsonWalk walk(value); walk.next();) {
      // structlog writes a group's member as the list of its own chain.
      const JsonValue element = walk.value();
      if (element.kind() != JsonKind::array) {
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

StackFrame read_frame(const JsonValue& frame) {
  StackFrame read;
  auto& [file, line, function, code, rest] = read;
  for (JsonWalk member(frame); member.next();) {
    const std::string_view key = member.key();
    const JsonValue& value = member.value();
    const bool number = value.kind() == JsonKind::number;
    const bool scalar = value.is_text() || number;
    const std::string text = scalar ? value.text() : std::string(value.raw);
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    if (value.kind() == JsonKind::null || text.empty()) continue;
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
  return read;
}

std::string StackFrame::place() const {
  const std::string where = file + (line.empty() ? "" : ":" + line);
  return function.empty() ? where : function + " (" + where + ")";
}

}  // namespace ship
