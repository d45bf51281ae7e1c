#pragma once

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "process/inherited_signals.hpp"

namespace ship {

/// Does what the command line asks for. Errors: of the kind that decides the exit code, with a
/// message for the user; an empty message means that everything has already been reported. A
/// command that is run starts with the signals in `inherited`.
Result<ExitCode> run_command(const CommandLine& line, const InheritedSignals& inherited,
                             Diagnostics& diagnostics);

}  // namespace ship
