#pragma once

#include <csignal>
#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "process/inherited_signals.hpp"

namespace ship {

/// What a signal asks the shipper to do. `child`: handle child processes. `other`: nothing, or to
/// check the terminal's size (SIGWINCH); it is for the command.
enum class SignalEvent { statistics, reopen, terminate, child, other };

struct Signal {
  SignalEvent event;
  int number;
};

/// The signals of the process, turned into events on a descriptor (signalfd). From `hold` on they
/// are blocked in this thread and in every thread it starts, so hold them before any other thread
/// runs.
///
///   const auto inherited = InheritedSignals::capture();
///   Signals::hold();       // from now on nothing is lost, and nothing ends the program
///   …                      // read the configuration, open the sinks
///   auto signals = Signals::open("USR1", inherited);  // or Signals::let_go(inherited)
class Signals {
 public:
  /// Blocks every signal that need not be handled at once, from the first instruction on:
  /// what comes before `open` is handled then. Faults (SEGV and the like) and job-control stops
  /// still act.
  static void hold();
  /// For a command that does not handle signals itself: all act again as in `inherited`.
  static void let_go(const InheritedSignals& inherited);

  /// `statistics_signal` is a name without SIG: USR1, USR2, QUIT, WINCH, or none. A USR1 that
  /// nobody uses is caught and ignored, because its default would end the program. Other signals
  /// act as in `inherited`. Errors: io.
  static Result<Signals> open(std::string_view statistics_signal,
                              const InheritedSignals& inherited);
  /// The same with all signals, for a run with a command that they are forwarded to; SIGCHLD gets
  /// its default disposition, without which there are no exit codes.
  static Result<Signals> open_all(std::string_view statistics_signal);

  /// Readable when `next` has an event.
  int fd() const { return fd_.get(); }
  /// The next event; none when there is no more. Never blocks.
  std::optional<Signal> next();

 private:
  static Result<Signals> take(const sigset_t& set, int statistics);
  Signals(Fd fd, int statistics) : fd_(std::move(fd)), statistics_(statistics) {}

  Fd fd_;
  int statistics_;
};

}  // namespace ship
