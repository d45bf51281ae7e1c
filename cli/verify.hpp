#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// What verify has to say on standard output, and how it ends.
struct VerifyOutcome {
  std::string text;
  ExitCode code = ExitCode::ok;
};

/// Checks the sealed files that the command line names, with a bar on a terminal. A directory is
/// all that has a seal in it; the path of a seal is its log file. Code: tampered before io, where
/// both would fit. Errors: config and io, for a key or anchor that cannot be read.
Result<VerifyOutcome> verify_files(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
