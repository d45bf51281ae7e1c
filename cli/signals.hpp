#pragma once

#include <csignal>
#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// What a signal asks the shipper to do. `child`: look after the children. `other`: nothing, or to
/// look at the terminal's size (SIGWINCH); it is for the command.
enum class SignalEvent { statistics, reopen, terminate, child, other };

struct Signal {
  SignalEvent event;
  int number;
};

/// The signals of the process, turned into events of a descriptor (signalfd). They are blocked from
/// `open` on in this thread and in every thread it starts, so open it before any other thread runs.
class Signals {
 public:
  /// `statistics_signal` is a name without SIG: USR1, USR2, QUIT or WINCH. A USR1 that is free so
  /// is taken and ignored, because its default would end the program. Errors: io.
  static Result<Signals> open(std::string_view statistics_signal);
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
