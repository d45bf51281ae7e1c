#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace ship {

/// What verify prints on standard output, and how it ends.
struct VerifyOutcome {
  std::string text;
  ExitCode code = ExitCode::ok;
};

/// Checks the sealed files that the command line names, with a bar on a terminal. A directory
/// stands for all sealed files in it, the path of a seal for its log file. Exit code: tampered
/// takes precedence over io. Errors: config and io, for a key or anchor that cannot be read.
Result<VerifyOutcome> verify_files(const CommandLine& line, Diagnostics& diagnostics);

}  // namespace ship
