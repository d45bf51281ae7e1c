#pragma once

#include "cli/diagnostics.hpp"
#include "cli/options.hpp"
#include "config/load.hpp"

namespace ship {

/// Settings from the command line, the process's environment and the files they name. Logs warnings
/// and every problem; `settings` is none after a problem. `again`: a reload, which waits for no pipe
/// and no device.
LoadOutcome load_and_report(const CommandLine& line, Diagnostics& diagnostics, bool again = false);

}  // namespace ship
