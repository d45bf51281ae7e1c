#pragma once

#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// What a signal asks the shipper to do.
enum class SignalEvent { statistics, reopen, terminate };

/// The signals of the process, turned into events of a descriptor (signalfd). They are blocked from
/// `open` on in this thread and in every thread it starts, so open it before any other thread runs.
class Signals {
 public:
  /// `statistics_signal` is a name without SIG: USR1, USR2, QUIT or WINCH. A USR1 that is free so
  /// is taken and ignored, because its default would end the program. Errors: io.
  static Result<Signals> open(std::string_view statistics_signal);

  /// Readable when `next` has an event.
  int fd() const { return fd_.get(); }
  /// The next event; none when there is no more. Never blocks.
  std::optional<SignalEvent> next();

 private:
  Signals(Fd fd, int statistics) : fd_(std::move(fd)), statistics_(statistics) {}

  Fd fd_;
  int statistics_;
};

}  // namespace ship
