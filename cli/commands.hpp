#pragma once

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// Does what the command line asks for. Errors: of the kind that decides the exit code, with a
/// message for the user; an empty message means that everything has been said already.
Result<ExitCode> run_command(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
