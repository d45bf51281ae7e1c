#pragma once

#include "base/clock.hpp"
#include "settings.hpp"
#include "sinks/line_stream.hpp"

namespace ship {

/// Whether there are colours in what is written to `fd`, as below.
bool shows_colors(const StdoutSinkSettings& settings, int fd);

/// How a stdout sink writes records: json is the line as it is. Colours, by `color`: always, never,
/// or auto, which is on a terminal that is not dumb and where NO_COLOR (https://no-color.org) is
/// not set. On a terminal pretty text is broken at its width, which is asked for at each record: it
/// may change. `fd` is what is written to; `clock` must outlive the format.
LineStream::Format make_stdout_format(const StdoutSinkSettings& settings, int fd, Clock& clock);

}  // namespace ship
