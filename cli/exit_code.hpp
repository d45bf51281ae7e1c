#pragma once

#include "base/result.hpp"

namespace ship {

/// How the program ends. The only list of exit codes (see sysexits.h).
enum class ExitCode : int {
  ok = 0,
  unreachable = 1,  ///< check --connect, health: it is unreachable, or refuses
  tampered = 1,     ///< verify: a file differs from what was sealed
  usage = 64,
  io = 74,
  undelivered = 75,
  config = 78,
};

/// The exit code of an error that ended the run.
ExitCode exit_code_of(ErrorKind kind);

}  // namespace ship
