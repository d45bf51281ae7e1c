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

/// Runs the command and takes care of it, as an init does: forwards signals, reaps every process
/// that becomes its child, follows the command when job control stops it, ends it when its grace
/// period is over, and knows its exit code. Has no thread and never waits: the main loop tells it
/// what happened. All signals except SIGKILL and SIGSTOP are blocked in every thread, before
/// `start` and for as long as it lives, and SIGCHLD has its default disposition.
///
///   supervisor->on_signal(SIGTERM);      // each signal received, except SIGCHLD
///   supervisor->on_child_signal();       // after SIGCHLD
///   supervisor->on_deadline();           // once `deadline` has passed
///   if (supervisor->ended()) …           // the pipes may still hold what the command wrote
class Supervisor {
 public:
  /// Starts the command on the write ends of `pipes`. With settings.subreaper, orphans are
  /// reparented to this process even if it is not PID 1. `clock` and `log` outlive it. Errors:
  /// those of spawn_child.
  static Result<std::unique_ptr<Supervisor>> start(const ChildSettings& settings, ChildPipes& pipes,
                                                   const InheritedSignals& inherited, Clock& clock,
                                                   LogFunction log);

  /// Forwards `number`, rewritten as the settings say. Does nothing after the command has ended.
  void on_signal(int number);
  /// Handles the state changes of all children: reaps, counts, follows stops. Before the command
  /// itself is reaped, the rest of its process group is asked to end; as PID 1, every process is,
  /// because they die with this one anyway.
  void on_child_signal();
  /// When to call `on_deadline`; none: never.
  std::optional<SteadyTime> deadline() const { return deadline_ ? deadline_ : notice_at_; }
  /// Kills the command if its grace period is over; without one, says once that it is waited for.
  /// Early calls do nothing.
  void on_deadline();

  pid_t pid() const { return pid_; }
  bool ended() const { return exit_code_.has_value(); }
  /// The command's own, or 128 + its signal; 0 for codes that the settings expect. Call only after
  /// it ended.
  int exit_code() const { return *exit_code_; }

 private:
  Supervisor(const ChildSettings& settings, Clock& clock, LogFunction log);

  void forward(int number);
  bool leads_its_group() const;
  void begin_grace(int passed);
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
  std::optional<SteadyTime> notice_at_;  ///< when to say that the command is waited for
  int notice_signal_ = 0;
  std::optional<int> exit_code_;
};

}  // namespace ship
