#pragma once

#include <array>
#include <csignal>

namespace ship {

/// The signal mask and dispositions that this process was started with, so that a command it runs
/// starts with the same and not with the shipper's own. A plain value; signal(7), execve(2).
class InheritedSignals {
 public:
  /// Captures them as they are now; call it first thing in main.
  static InheritedSignals capture();

  /// Restores them in the calling process. Async-signal-safe: for a child between fork and exec.
  void restore() const;

  /// The signals that were blocked.
  const sigset_t& mask() const { return mask_; }

 private:
  std::array<struct sigaction, NSIG> actions_{};
  sigset_t mask_{};
};

}  // namespace ship
