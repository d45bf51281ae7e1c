#pragma once

#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// `tap`: records of a shipper that runs elsewhere, as they pass, on standard output: pretty where
/// that is a terminal, else a line each. It ends with --count, with the shipper, with its reader, or
/// by a signal. Errors: usage, config, io.
Result<ExitCode> run_tap(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
