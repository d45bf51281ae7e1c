#pragma once

#include <csignal>
#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "process/inherited_signals.hpp"

namespace ship {

/// What a signal asks the shipper to do. `child`: look after the children. `other`: nothing, or to
/// look at the terminal's size (SIGWINCH); it is for the command.
enum class SignalEvent { statistics, reopen, terminate, child, other };

struct Signal {
  SignalEvent event;
  int number;
};

/// The signals of the process, turned into events of a descriptor (signalfd). They are blocked from
/// `hold` on in this thread and in every thread it starts, so hold them before any other thread
/// runs.
///
///   const auto inherited = InheritedSignals::capture();
///   Signals::hold();       // nothing that comes now is lost, and nothing ends the program
///   …                      // read the configuration, open the sinks
///   auto signals = Signals::open("USR1", inherited);  // or Signals::let_go(inherited)
class Signals {
 public:
  /// Blocks every signal that a program can take its time over, from the first instruction on:
  /// what comes before `open` is answered then. Faults (SEGV and its kin) and the stops of job
  /// control still act.
  static void hold();
  /// For a command that takes no signals itself: all act again as `inherited` has it.
  static void let_go(const InheritedSignals& inherited);

  /// `statistics_signal` is a name without SIG: USR1, USR2, QUIT, WINCH, or none. A USR1 that
  /// nobody uses is taken and ignored, because its default would end the program. What is not taken
  /// acts as `inherited` has it. Errors: io.
  static Result<Signals> open(std::string_view statistics_signal,
                              const InheritedSignals& inherited);
  /// The same with every signal there is, for a run with a command that they are passed on to;
  /// SIGCHLD gets its default disposition, without which there are no exit codes.
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
