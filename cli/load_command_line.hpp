#pragma once

#include "cli/diagnostics.hpp"
#include "cli/options.hpp"
#include "config/load.hpp"

namespace ship {

/// Settings from the command line, the process's environment and the files they name. Logs warnings
/// and all problems; `settings` is none after a problem. `again`: a reload, which never waits for a
/// pipe or a device.
LoadOutcome load_and_report(const CommandLine& line, Diagnostics& diagnostics, bool again = false);

}  // namespace ship
