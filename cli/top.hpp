#pragma once

#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// `top`: the statistics of a shipper that runs elsewhere, live in this terminal, until q, Ctrl-C
/// or a signal. Where it looks: --url, else the server.listen of the settings, else 127.0.0.1:9464.
/// The terminal is left as it was, whatever ends it. Errors: usage (no terminal), config.
Result<ExitCode> run_top(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
