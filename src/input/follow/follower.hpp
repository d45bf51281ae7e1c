#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "input/follow/done_filter.hpp"
#include "input/follow/file_place.hpp"
#include "input/follow/follow_set.hpp"
#include "input/input_report.hpp"
#include "input/intake.hpp"

namespace ship {

/// What followed files need beside an intake. What it points to outlives the readers.
struct FollowOptions {
  Checkpoint* checkpoint = nullptr;  ///< null: none
  LogFunction log;
  std::function<std::optional<std::string>(const struct stat&)> own_output;
  /// Records of a stretch whose end is not known yet are about to be handed on.
  std::function<void(const FileStretch&)> on_hand_on = {};
  /// So much of a file was read and handed on; empty: nobody wants to know. On the reader's thread.
  std::function<void(const FileStretch&)> on_read;
  /// Now and then, at least once a second and after each `on_read`.
  std::function<void()> on_tick;
};

/// The thread that reads files that grow, all of them, in turns: each turn takes what is there of
/// one file, up to its last newline, into the one Intake. What has no newline yet stays in the file
/// and is read again; so that all that is kept of a file is a number. It waits for what the
/// directories tell, and looks at everything every few seconds all the same. At most a quarter of
/// the process' descriptors are open.
class Follower {
 public:
  using OnDone = std::function<void(Result<void>)>;

  /// Starts nothing. The callbacks run on its thread. Errors: io, where threads or descriptors ran
  /// out.
  static Result<std::unique_ptr<Follower>> open(const Intake::Options& options,
                                                FollowOptions follow, Intake::OnRecords on_records,
                                                Intake::OnInvalidLine on_invalid_line,
                                                OnDone on_done, Clock& clock);
  /// Stops and joins.
  ~Follower();

  void start();
  /// Takes what the files hold at this moment, for a second at most, then ends. Any thread.
  void begin_drain() { move_to(Phase::draining); }
  /// Ends after the block it is at. Any thread.
  void stop() { move_to(Phase::stopping); }
  /// Looks at all patterns again. Any thread.
  void look_again();
  void join() { thread_.join(); }

  /// All files together, named by their patterns.
  InputReport report() const;
  SteadyTime last_read() const { return last_read_.load(std::memory_order_relaxed); }

 private:
  enum class Phase { reading, draining, stopping };
  /// What a turn leaves.
  enum class Left { nothing, more };

  Follower(const Intake::Options& options, FollowOptions follow, Intake::OnRecords on_records,
           Intake::OnInvalidLine on_invalid_line, OnDone on_done, Clock& clock, Event wake,
           ParkedThread thread);

  void run();
  void read_queued(SteadyTime until);
  void look_around();
  void finish();
  void wait();
  SteadyTime next_due() const;
  void keep_time();

  Left take_turn(FollowedFile& file);
  bool open(FollowedFile& file);
  void see_cut(FollowedFile& file);
  Left read_lines(FollowedFile& file, std::uint64_t size);
  bool line_has_ended(FollowedFile& file, std::uint64_t size);
  void see_partial(FollowedFile& file);
  void take_partial(FollowedFile& file);
  void flush(FollowedFile& file);
  void begin_turn(FollowedFile& file);
  void end_turn(FollowedFile& file, std::uint64_t unread);
  SteadyTime partial_deadline(const FollowedFile& file) const;
  bool is_over(const FollowedFile& file) const;
  void let_go(FollowedFile& file);
  void hand_on(std::span<const Record> records);
  void end_turns();

  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  void move_to(Phase phase);

  const Unwrap unwrap_;
  const std::string name_;
  const FollowOptions follow_;
  const Intake::OnRecords on_records_;
  const OnDone on_done_;
  Clock& clock_;
  DoneFilter done_;
  Intake intake_;
  FollowSet files_;
  const std::size_t most_open_;
  std::set<FollowedFile*> open_;
  std::set<FollowedFile*> waiting_;  ///< those with something that time alone brings to an end
  std::set<FollowedFile*> unnamed_;  ///< those to which no pattern leads now
  const Event wake_;
  std::atomic<Phase> phase_{Phase::reading};
  std::atomic<bool> look_again_{false};
  std::atomic<SteadyTime> last_read_{SteadyTime{}};
  SteadyTime scan_at_{};  ///< when everything is looked at next
  SteadyTime scanned_at_{};
  SteadyTime look_at_{};  ///< when what has no name is looked at next
  SteadyTime passed_at_{};
  std::chrono::milliseconds pause_{0};
  RunId turn_run_;
  std::uint64_t turn_begin_ = 0;
  std::optional<std::uint64_t> turn_last_;  ///< where the last record of the turn began
  bool in_order_ = true;
  ParkedThread thread_;
};

}  // namespace ship
