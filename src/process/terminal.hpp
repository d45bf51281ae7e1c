#pragma once

#include <sys/types.h>

#include "base/fd.hpp"

namespace ship {

/// The controlling terminal of this process, for job control: which process group is in the
/// foreground, gets its Ctrl-C and may read from it. See termios(3), tcsetpgrp(3), credentials(7).
class Terminal {
 public:
  /// The terminal of the session; `exists` is false if there is none.
  static Terminal controlling();

  bool exists() const { return static_cast<bool>(fd_); }
  /// The process group in the foreground; -1 without a terminal.
  pid_t foreground() const;
  /// Puts `group` into the foreground, even when called from the background; false if the system
  /// refuses. The caller must have SIGTTOU blocked or ignored. Async-signal-safe.
  bool give_to(pid_t group) const;

 private:
  Fd fd_;
};

}  // namespace ship
