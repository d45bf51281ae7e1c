#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/json_walk.hpp"

namespace ship {

/// What a record says about one exception, however its logger spells it: fapilog's "error.type",
/// "error.message", "error.stack" and "error.frames", pino's and bunyan's "type", "name",
/// "message", "stack", structlog's list of "exc_type", "exc_value", "frames", notes and groups,
/// Logback's and Log4j's causes, or one text with everything.
struct LoggedException {
  std::string relation;  ///< to the one before it: "caused by", "group", "suppressed"; or empty
  std::string type;
  std::string message;
  std::string stack;
  JsonValue frames;
  std::vector<std::string> notes;
  std::vector<LoggedException> others;  ///< its causes, and the members of its group
  std::vector<std::pair<std::string, JsonValue>> rest;  ///< all other members

  bool empty() const {
    return type.empty() && message.empty() && stack.empty() && frames.raw.empty();
  }

  /// Takes all members of an exception's object. Leaves out those that say nothing (null, false,
  /// empty lists of causes).
  void take_all(const JsonValue& object);

 private:
  bool take(std::string_view key, const JsonValue& value);
  bool take_others(std::string_view key, const JsonValue& value);
};

/// Whether the elements of a list are stack frames, or lines of a stack.
bool are_frames(const JsonValue& list);

/// One stack frame, however its logger spells it.
struct StackFrame {
  std::string file;
  std::string line;
  std::string function;  ///< with its class or module before it
  std::string code;      ///< the source line
  std::string rest;      ///< " key=value" for each other member

  /// "function (file:line)"; empty if neither is known.
  std::string place() const;
};
StackFrame read_frame(const JsonValue& frame);

/// Whether a key at the root, or in fapilog's diagnostics, holds an exception.
bool is_exception_key(std::string_view key);

}  // namespace ship
