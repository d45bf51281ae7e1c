#include "cli/signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/signalfd.h>
#include <unistd.h>

namespace ship {
namespace {

constexpr int kNoSignal = 0;
/// Faults of this program itself, and signals that stop or continue a job.
constexpr int kNeverHeld[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT, SIGTRAP,
                              SIGSYS,  SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

int signal_number(std::string_view name) {
  if (name == "USR2") return SIGUSR2;
  if (name == "QUIT") return SIGQUIT;
  if (name == "WINCH") return SIGWINCH;
  return name == "none" ? kNoSignal : SIGUSR1;
}

}  // namespace

void Signals::hold() {
  sigset_t set;
  sigfillset(&set);
  for (const int number : kNeverHeld) sigdelset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Signals::let_go(const InheritedSignals& inherited) {
  ::pthread_sigmask(SIG_SETMASK, &inherited.mask(), nullptr);
}

Result<Signals> Signals::open(std::string_view statistics_signal,
                              const InheritedSignals& inherited) {
  const int statistics = signal_number(statistics_signal);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGWINCH, statistics}) {
    if (number != kNoSignal) sigaddset(&set, number);
  }
  auto signals = take(set, statistics);
  sigset_t blocked;
  sigorset(&blocked, &inherited.mask(), &set);
  if (signals) ::pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  return signals;
}

Result<Signals> Signals::open_all(std::string_view statistics_signal) {
  std::signal(SIGCHLD, SIG_DFL);
  sigset_t set;
  sigfillset(&set);
  return take(set, signal_number(statistics_signal));
}

Result<Signals> Signals::take(const sigset_t& set, int statistics) {
  Fd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd || ::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
    return Error{ErrorKind::io, std::string("cannot take signals: ") + std::strerror(errno)};
  }
  return Signals(std::move(fd), statistics);
}

std::optional<Signal> Signals::next() {
  signalfd_siginfo info;
  if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    return std::nullopt;
  }
  const int number = static_cast<int>(info.ssi_signo);
  if (number == statistics_) return Signal{SignalEvent::statistics, number};
  if (number == SIGHUP) return Signal{SignalEvent::reopen, number};
  if (number == SIGTERM || number == SIGINT) return Signal{SignalEvent::terminate, number};
  if (number == SIGCHLD) return Signal{SignalEvent::child, number};
  return Signal{SignalEvent::other, number};
}

}  // namespace ship
