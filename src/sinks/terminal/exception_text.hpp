#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/json_walk.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// What a record says of one exception, in whichever way its logger spells it: fapilog's
/// "error.type", "error.message", "error.stack" and "error.frames", pino's and bunyan's "type",
/// "name", "message", "stack", structlog's list of "exc_type", "exc_value", "frames", notes and
/// groups, Logback's and Log4j's causes, or one text with all of it.
struct ExceptionText {
  std::string relation;  ///< to the one before it: "caused by", "group", "suppressed"; or empty
  std::string type;
  std::string message;
  std::string stack;
  JsonValue frames;
  std::vector<std::string> notes;
  std::vector<ExceptionText> others;  ///< its causes, and the members of its group
  std::vector<std::pair<std::string, JsonValue>> rest;  ///< the members that are none of these

  bool empty() const {
    return type.empty() && message.empty() && stack.empty() && frames.raw.empty();
  }

  /// Takes all members of an exception's object. Those that say nothing (null, false, empty lists
  /// of causes) are left out.
  void take_all(const JsonValue& object);

  /// Appends the traceback, each line indented and ended by a newline: the type and message, unless
  /// a line of the stack says them itself, then the stack or the frames, the notes, the causes.
  /// What is not the application's own code is dimmed.
  void append(std::string& out, const Pen& pen) const;

 private:
  bool take(std::string_view key, const JsonValue& value);
  bool take_others(std::string_view key, const JsonValue& value);
  bool is_told() const;
};

/// Whether the elements of a list are frames of a stack, or lines of one.
bool are_frames(const JsonValue& list);

/// Whether a key at the root, or in fapilog's diagnostics, holds an exception.
bool is_exception_key(std::string_view key);

/// Appends `text` with each line indented, harmless for a terminal, without blank lines at its end.
void append_block(std::string& out, std::string_view text);

}  // namespace ship
