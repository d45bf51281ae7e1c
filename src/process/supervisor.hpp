#pragma once

#include <map>
#include <memory>
#include <optional>
#include <sys/types.h>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "process/child.hpp"
#include "process/child_settings.hpp"
#include "process/inherited_signals.hpp"
#include "process/terminal.hpp"

namespace ship {

/// Runs the command and answers for it, as an init does: passes signals on, reaps whatever becomes
/// this process's child, follows the command when job control stops it, ends it when its grace is
/// over, knows its exit code. Has no thread and never waits: the main loop tells it what happened.
/// All signals but SIGKILL and SIGSTOP are blocked, in every thread, before `start` and for as long
/// as it lives, and SIGCHLD has its default disposition.
///
///   supervisor->on_signal(SIGTERM);      // each signal that came, SIGCHLD left out
///   supervisor->on_child_signal();       // after SIGCHLD
///   supervisor->on_deadline();           // once `deadline` has passed
///   if (supervisor->ended()) …           // the pipes may still hold what the command wrote
class Supervisor {
 public:
  /// Starts the command on the write ends of `pipes`. With settings.subreaper orphans come to this
  /// process also where it is not PID 1. `clock` and `log` outlive it. Errors: those of
  /// spawn_child.
  static Result<std::unique_ptr<Supervisor>> start(const ChildSettings& settings, ChildPipes& pipes,
                                                   const InheritedSignals& inherited, Clock& clock,
                                                   LogFunction log);

  /// Passes `number` on, rewritten as the settings say. After the command's end it does nothing.
  void on_signal(int number);
  /// Takes the news of all children: reaps, counts, follows stops. Before the command itself is
  /// reaped the rest of its process group is asked to end, and as PID 1 everybody is, for they die
  /// with this process anyway.
  void on_child_signal();
  /// When `on_deadline` wants to be called; none: never.
  std::optional<SteadyTime> deadline() const { return deadline_; }
  /// Kills the command whose grace is over. Early calls do nothing.
  void on_deadline();

  pid_t pid() const { return pid_; }
  bool ended() const { return exit_code_.has_value(); }
  /// The command's own, or 128 + its signal; 0 for those that the settings expect. Only once it
  /// ended.
  int exit_code() const { return *exit_code_; }

 private:
  Supervisor(const ChildSettings& settings, Clock& clock, LogFunction log);

  void forward(int number);
  bool leads_its_group() const;
  void begin_grace();
  void take_end(int code, int status);
  void ask_others_to_end();
  void follow_stop(int number);
  bool stop_self(int number);
  void resume();

  ChildSettings settings_;
  Clock& clock_;
  LogFunction log_;
  Terminal terminal_;
  pid_t pid_ = -1;
  bool stopped_ = false;
  bool told_to_end_ = false;
  int last_forwarded_ = 0;
  std::optional<SteadyTime> deadline_;
  std::optional<int> exit_code_;
};

}  // namespace ship
