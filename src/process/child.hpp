#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "process/inherited_signals.hpp"
#include "process/terminal.hpp"

namespace ship {

/// The two pipes between a command and the readers. Each reader requests the capacity of its pipe.
struct ChildPipes {
  Fd output_read;
  Fd output_write;
  Fd error_read;
  Fd error_write;

  /// No end survives an exec, and none is one of the three standard descriptors. Errors: io.
  static Result<ChildPipes> open();
};

/// What to run. `command` is the program, looked up in PATH if it has no slash, and its arguments.
struct ChildPlan {
  std::vector<std::string> command;
  int death_signal = 0;  ///< the signal it gets if this process dies first; 0: none
};

/// Starts a command: standard output and error are the write ends of `pipes` (closed here
/// afterwards), standard input is this process's own, signals are as in `inherited`. It leads its
/// own process group, which becomes the terminal's foreground group if this process's group was.
/// Returns its process id once the program runs. Errors: permanent, if the program cannot be run,
/// with the errno of exec (see `exit_code_of`); transient, if the system has no room for a process.
/// May be called while other threads run; not thread-safe itself.
Result<pid_t> spawn_child(const ChildPlan& plan, ChildPipes& pipes,
                          const InheritedSignals& inherited, const Terminal& terminal);

/// The exit code for an error of `spawn_child`, as in shells: 127 not found, 126 found but not
/// runnable.
int exit_code_of(const Error& spawn_error);

}  // namespace ship
