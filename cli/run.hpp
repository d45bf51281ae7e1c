#pragma once

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "process/inherited_signals.hpp"

namespace ship {

/// Ships from the input to the sinks until the input ends or a signal asks for the end; with a
/// command, which starts with the signals in `inherited`, until the command ends, and returns its
/// exit code. Errors: usage, config (already reported; the message is empty), io.
Result<ExitCode> run_ship(const CommandLine& line, const InheritedSignals& inherited,
                          Diagnostics& diagnostics);

}  // namespace ship
