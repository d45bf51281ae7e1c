#pragma once

#include <string>
#include <string_view>

#include "record/logged_exception.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// Appends the traceback of an exception, each line indented and ended by a newline: the type and
/// message, unless a line of the stack says them itself, then the stack or the frames, the notes,
/// the causes. Dims what is not the application's own code.
void append_exception(const LoggedException& exception, std::string& out, const Pen& pen);

/// Appends `text` with each line indented, made harmless for a terminal, without trailing blank
/// lines.
void append_block(std::string& out, std::string_view text);

}  // namespace ship
