#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/json_walk.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// What a record says of one exception, in whichever way its logger spells it: fapilog's
/// "error.type", "error.message", "error.stack" and "error.frames", pino's and bunyan's "type",
/// "name", "message", "stack", structlog's list of "exc_type", "exc_value" and "frames", or one
/// text with all of it.
struct ExceptionText {
  std::string type;
  std::string message;
  std::string stack;
  JsonValue frames;

  bool empty() const { return type.empty() && message.empty() && stack.empty(); }

  /// Takes a member of an exception's object; false where it is none of the above.
  bool take(std::string_view key, const JsonValue& value);

  /// Appends the traceback, each line indented and ended by a newline: the type and message, unless
  /// the stack says them itself, then the stack or the frames. What is not the application's own
  /// code is dimmed.
  void append(std::string& out, const Pen& pen) const;
};

/// Whether a key at the root, or in fapilog's diagnostics, holds an exception.
bool is_exception_key(std::string_view key);

/// Appends `text` with each line indented, harmless for a terminal, without blank lines at its end.
void append_block(std::string& out, std::string_view text);

}  // namespace ship
