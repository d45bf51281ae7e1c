#pragma once

#include "sinks/line_stream.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/sink_kind.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {

/// Whether text may keep its colours: it goes only to standard output, which shows colours.
bool keeps_colors(const SinkKind& only_sink);

/// How a stdout sink writes records: json is the unchanged line. Colours, by `color`: always,
/// never, or auto, which means on a terminal that is not dumb unless NO_COLOR
/// (https://no-color.org) is set. On a terminal, pretty text wraps at its width, which is queried
/// for each record because it may change. `fd` is the output; the clock of `environment` must
/// outlive the format.
LineStream::Format make_stdout_format(const StdoutSinkSettings& settings, int fd,
                                      const SinkEnvironment& environment);

}  // namespace ship
