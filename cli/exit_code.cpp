#include "cli/exit_code.hpp"

namespace ship {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::config:
      return ExitCode::config;
    case ErrorKind::transient:
      return ExitCode::undelivered;
    case ErrorKind::io:
    case ErrorKind::permanent:
    case ErrorKind::corrupt:
      return ExitCode::io;
  }
  return ExitCode::io;
}

}  // namespace ship
