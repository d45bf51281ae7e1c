#pragma once

#include <string>

#include "base/fd.hpp"

namespace ship {

/// Tells systemd what a service is doing, by datagrams to $NOTIFY_SOCKET (sd_notify(3)). Does
/// nothing where nobody asked. Never waits for longer than a second, and says nothing of what
/// cannot be sent. Used by one thread.
class ServiceNotifier {
 public:
  /// Tells nobody anything.
  ServiceNotifier() = default;
  /// As the environment wants it: $NOTIFY_SOCKET, and $WATCHDOG_USEC unless $WATCHDOG_PID is
  /// another process.
  static ServiceNotifier from_environment();

  void ready();
  void reloading();
  /// Only the first call counts, and nothing but `alive` is sent after it.
  void stopping();

  /// Readable twice in the time after which systemd takes the program for dead; -1 where it does
  /// not watch.
  int watchdog_fd() const { return timer_.get(); }
  /// Makes `watchdog_fd` unreadable and tells that the program lives.
  void alive();

 private:
  void send(const std::string& state) const;

  std::string address_;  ///< of a socket: a path, or a name behind @; empty: none
  Fd timer_;
  bool stopping_ = false;
};

}  // namespace ship
