#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/json_walk.hpp"

namespace ship {

/// What a record says of one exception, in whichever way its logger spells it: fapilog's
/// "error.type", "error.message", "error.stack" and "error.frames", pino's and bunyan's "type",
/// "name", "message", "stack", structlog's list of "exc_type", "exc_value", "frames", notes and
/// groups, Logback's and Log4j's causes, or one text with all of it.
struct LoggedException {
  std::string relation;  ///< to the one before it: "caused by", "group", "suppressed"; or empty
  std::string type;
  std::string message;
  std::string stack;
  JsonValue frames;
  std::vector<std::string> notes;
  std::vector<LoggedException> others;  ///< its causes, and the members of its group
  std::vector<std::pair<std::string, JsonValue>> rest;  ///< the members that are none of these

  bool empty() const {
    return type.empty() && message.empty() && stack.empty() && frames.raw.empty();
  }

  /// Takes all members of an exception's object. Those that say nothing (null, false, empty lists
  /// of causes) are left out.
  void take_all(const JsonValue& object);

 private:
  bool take(std::string_view key, const JsonValue& value);
  bool take_others(std::string_view key, const JsonValue& value);
};

/// Whether the elements of a list are frames of a stack, or lines of one.
bool are_frames(const JsonValue& list);

/// One frame of a stack, in whichever way its logger spells it.
struct StackFrame {
  std::string file;
  std::string line;
  std::string function;  ///< with its class or module before it
  std::string code;      ///< the line of the source
  std::string rest;      ///< " key=value" for each other member

  /// "function (file:line)"; empty where neither is known.
  std::string place() const;
};
StackFrame read_frame(const JsonValue& frame);

/// Whether a key at the root, or in fapilog's diagnostics, holds an exception.
bool is_exception_key(std::string_view key);

}  // namespace ship
