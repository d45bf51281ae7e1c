#pragma once

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// Ships from the input to the sinks until the input ends or a signal asks for the end. Errors:
/// config (already reported; the message is empty), io.
Result<ExitCode> run_ship(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
