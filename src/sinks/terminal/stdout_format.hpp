#pragma once

#include "sinks/line_stream.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/sink_kind.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {

/// Whether text may keep its colours: it goes only to standard output, which shows colours.
bool keeps_colors(const SinkKind& only_sink);

/// Whether what these settings have written to `fd` is in colour.
bool shows_colors(const StdoutSinkSettings& settings, int fd);

/// How a stdout sink writes records: json is the line as it is. Colours, by `color`: always, never,
/// or auto, which is on a terminal that is not dumb and where NO_COLOR (https://no-color.org) is
/// not set. On a terminal pretty text is broken at its width, which is asked for at each record: it
/// may change. `fd` is what is written to; the clock of `environment` must outlive the format.
LineStream::Format make_stdout_format(const StdoutSinkSettings& settings, int fd,
                                      const SinkEnvironment& environment);

}  // namespace ship
