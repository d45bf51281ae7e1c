#pragma once

#include <string>

#include "base/fd.hpp"

namespace ship {

/// Tells systemd what a service is doing, with datagrams to $NOTIFY_SOCKET (sd_notify(3)). Does
/// nothing if nobody asked. Never waits longer than a second, and ignores what cannot be sent. Used
/// by one thread.
class ServiceNotifier {
 public:
  /// Notifies nobody.
  ServiceNotifier() = default;
  /// Configured by the environment: $NOTIFY_SOCKET, and $WATCHDOG_USEC unless $WATCHDOG_PID is
  /// another process.
  static ServiceNotifier from_environment();

  void ready();
  void reloading();
  /// Only the first call counts; only `alive` is sent after it.
  void stopping();

  /// Readable twice per watchdog interval, after which systemd considers the program dead; -1 if
  /// systemd does not watch.
  int watchdog_fd() const { return timer_.get(); }
  /// Makes `watchdog_fd` unreadable and reports that the program is alive.
  void alive();

 private:
  void send(const std::string& state) const;

  std::string address_;  ///< of a socket: a path, or a name after @; empty: none
  Fd timer_;
  bool stopping_ = false;
};

}  // namespace ship
