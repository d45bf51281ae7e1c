#include "process/supervisor.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signal_name.hpp"

namespace ship {
namespace {

/// A command that ends within this time needs no word.
constexpr std::chrono::milliseconds kNoticeAfter{1000};

}  // namespace

Supervisor::Supervisor(const ChildSettings& settings, Clock& clock, LogFunction log)
    : settings_(settings),
      clock_(clock),
      log_(std::move(log)),
      terminal_(Terminal::controlling()) {}

Result<std::unique_ptr<Supervisor>> Supervisor::start(const ChildSettings& settings,
                                                      ChildPipes& pipes,
                                                      const InheritedSignals& inherited,
                                                      Clock& clock, LogFunction log) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(settings, clock, std::move(log)));
  if (settings.subreaper && ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    supervisor->log_(LogLevel::warning,
                     std::string("cannot become a subreaper, orphans will not be reaped here: ") +
                         std::strerror(errno));
  }
  auto pid =
      spawn_child({settings.command, settings.pdeathsig}, pipes, inherited, supervisor->terminal_);
  if (!pid) return std::move(pid).error();
  supervisor->pid_ = pid.value();
  return supervisor;
}

void Supervisor::on_signal(int number) {
  if (ended()) return;
  const auto rewritten = settings_.rewrite_signal.find(number);
  const int passed = rewritten == settings_.rewrite_signal.end() ? number : rewritten->second;
  if (passed == 0) return;
  if (number == SIGCONT && terminal_.foreground() == ::getpgrp()) terminal_.give_to(pid_);
  if (number == SIGHUP && !settings_.forward_hup) return;
  forward(passed);
  if (number == SIGTERM || number == SIGINT) {
    begin_grace(passed);
    told_to_end_ = true;
    if (stopped_) resume();
  }
}

void Supervisor::forward(int number) {
  const bool to_group = !settings_.signal_child_only && ::kill(-pid_, number) == 0;
  // A command that moved to another group gets the signal itself; what it left behind gets it too.
  const bool to_command = (!to_group || !leads_its_group()) && ::kill(pid_, number) == 0;
  if (to_group || to_command) last_forwarded_ = number;
}

bool Supervisor::leads_its_group() const { return ::getpgid(pid_) == pid_; }

void Supervisor::begin_grace(int passed) {
  if (deadline_) return;
  if (settings_.grace.count() > 0) {
    deadline_ = clock_.steady() + settings_.grace;
  } else if (!told_to_end_) {
    notice_at_ = clock_.steady() + kNoticeAfter;
    notice_signal_ = passed;
  }
}

void Supervisor::on_deadline() {
  if (notice_at_ && clock_.steady() >= *notice_at_) {
    notice_at_.reset();
    log_(LogLevel::info, "passed SIG" + signal_name(notice_signal_) + " to '" +
                             settings_.command.front() + "'; waiting for it to end (no --grace)");
  }
  if (!deadline_ || clock_.steady() < *deadline_) return;
  deadline_.reset();
  if (ended()) return;
  log_(LogLevel::warning, "'" + settings_.command.front() + "' did not end within the grace of " +
                              std::to_string(settings_.grace.count()) + " ms: killing it");
  forward(SIGKILL);
}

void Supervisor::on_child_signal() {
  constexpr int kStops = WSTOPPED | WCONTINUED | WNOHANG;
  while (true) {
    // Peek first: until the command is reaped, nobody else can get its process id and group.
    siginfo_t news{};
    if (::waitid(P_ALL, 0, &news, WEXITED | kStops | WNOWAIT) != 0 || news.si_pid == 0) return;
    const bool end = news.si_code != CLD_STOPPED && news.si_code != CLD_CONTINUED;
    if (news.si_pid == pid_ && end) ask_others_to_end();
    siginfo_t taken{};
    // Wait for exactly what was seen: a process may have been stopped then and be dead by now.
    const int kind = end ? WEXITED | WNOHANG : kStops;
    if (::waitid(P_PID, static_cast<id_t>(news.si_pid), &taken, kind) != 0) return;
    if (taken.si_pid == 0) continue;
    if (taken.si_pid != pid_) {
      if (end) log_(LogLevel::debug, "reaped process " + std::to_string(taken.si_pid));
    } else if (end) {
      take_end(taken.si_code, taken.si_status);
    } else {
      stopped_ = taken.si_code == CLD_STOPPED;
      // A stopped command would not see SIGTERM. News of the stop may come after SIGTERM.
      if (stopped_ && told_to_end_) resume();
      if (stopped_ && !told_to_end_) follow_stop(taken.si_status);
    }
  }
}

void Supervisor::take_end(int code, int status) {
  int exit_code = code == CLD_EXITED ? status : 128 + status;
  if (code != CLD_EXITED && status != last_forwarded_) {
    std::string message =
        "'" + settings_.command.front() + "' was ended by SIG" + signal_name(status);
    if (status == SIGKILL) message += "; if nobody sent that, the system was out of memory";
    log_(LogLevel::warning, message);
  }
  const auto& expected = settings_.expect_exit;
  if (std::find(expected.begin(), expected.end(), exit_code) != expected.end()) exit_code = 0;
  exit_code_ = exit_code;
  deadline_.reset();
  notice_at_.reset();
  if (terminal_.foreground() == pid_) terminal_.give_to(::getpgrp());
}

// The command is a zombie now, so its group's number cannot have been reused.
void Supervisor::ask_others_to_end() {
  if (settings_.signal_child_only) return;
  ::kill(-pid_, SIGTERM);
  ::kill(-pid_, SIGCONT);
  if (::getpid() == 1) {
    ::kill(-1, SIGTERM);
    ::kill(-1, SIGCONT);
  }
}

// What Ctrl-Z does to the command, it must also do to this process, because a shell waits for it. A
// stop that an operator sent to the command alone affects nobody else.
void Supervisor::follow_stop(int number) {
  if (!terminal_.exists()) return;
  if (number == SIGTSTP) {
    if (!stop_self(number)) resume();
  } else if (number == SIGTTIN || number == SIGTTOU) {
    // It was brought to the foreground while it ran; the shell does not tell us.
    if (terminal_.foreground() == ::getpgrp()) {
      terminal_.give_to(pid_);
      resume();
    } else {
      stop_self(number);
    }
  }
}

// Stops this process's whole group, as the terminal would have done. Returns false if the kernel
// did not stop it because nobody could continue it (an orphaned process group, PID 1). After a stop
// SIGCONT is pending.
bool Supervisor::stop_self(int number) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::kill(0, number);
  ::pthread_sigmask(SIG_BLOCK, &only, nullptr);
  sigset_t pending;
  return ::sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
}

void Supervisor::resume() {
  ::kill(-pid_, SIGCONT);
  if (!leads_its_group()) ::kill(pid_, SIGCONT);
}

}  // namespace ship
