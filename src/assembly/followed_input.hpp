#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "delivery/settled_input.hpp"
#include "input/follow/checkpoint.hpp"
#include "input/follow/follower.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {

/// What ties files that are followed to the lanes: the books of what is done with, and the
/// checkpoint that they are written to. Outlives lanes and readers.
class FollowedInput {
 public:
  /// Null where nothing is followed. Errors: config, io.
  static Result<std::unique_ptr<FollowedInput>> open(const Settings& settings,
                                                     const SinkEnvironment& environment);

  SettledInput& settled() { return settled_; }
  /// `let_go` has the filters before the lanes let go what they held back for long enough.
  FollowOptions options(const Settings& settings, const std::function<void()>& let_go);
  /// Filters may be these or the former ones from now on.
  void change(const Settings& settings);
  /// Every record has its ending. False: the disk hangs.
  bool finish(SteadyTime deadline);

 private:
  FollowedInput(const SinkEnvironment& environment, std::unique_ptr<Checkpoint> checkpoint,
                ParkedThread thread);

  Clock& clock_;
  const LogFunction log_;
  const std::unique_ptr<Checkpoint> checkpoint_;  ///< null: none
  SettledInput settled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  ParkedThread thread_;  ///< syncs at the end
};

}  // namespace ship
