#include "cli/signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/signalfd.h>
#include <unistd.h>

namespace ship {
namespace {

int signal_number(std::string_view name) {
  if (name == "USR2") return SIGUSR2;
  if (name == "QUIT") return SIGQUIT;
  if (name == "WINCH") return SIGWINCH;
  return SIGUSR1;
}

}  // namespace

Result<Signals> Signals::open(std::string_view statistics_signal) {
  const int statistics = signal_number(statistics_signal);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, statistics}) sigaddset(&set, number);
  Fd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd || ::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
    return Error{ErrorKind::io, std::string("cannot take signals: ") + std::strerror(errno)};
  }
  return Signals(std::move(fd), statistics);
}

std::optional<SignalEvent> Signals::next() {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int number = static_cast<int>(info.ssi_signo);
    if (number == statistics_) return SignalEvent::statistics;
    if (number == SIGHUP) return SignalEvent::reopen;
    if (number == SIGTERM || number == SIGINT) return SignalEvent::terminate;
  }
  return std::nullopt;
}

}  // namespace ship
