#pragma once

#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// `top`: shows the statistics of another running shipper, live in this terminal, until q, Ctrl-C
/// or a signal. The address is --url, else server.listen from the settings, else 127.0.0.1:9464.
/// Restores the terminal, whatever ends it. Errors: usage (no terminal), config.
Result<ExitCode> run_top(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
