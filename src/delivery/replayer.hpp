#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "delivery/dead_letter_replay.hpp"
#include "delivery/lane.hpp"
#include "input/intake.hpp"

namespace ship {

/// The thread that reads dead letters and hands each to the lane it came from, by the sink's name;
/// a letter without a sink, or of an unknown one, goes to all lanes. Takes the place of a Reader.
class Replayer {
 public:
  using OnDone = std::function<void(Result<void>)>;

  /// Claims the files. The lanes outlive it. Errors: as DeadLetterReplay::open.
  static Result<std::unique_ptr<Replayer>> open(Files& files, const std::vector<std::string>& paths,
                                                const InputSettings& input,
                                                std::vector<Lane*> lanes, OnDone on_done,
                                                Clock& clock);

  void start();
  /// Ends after the current letter; what was not read stays for the next replay.
  void stop() { stopping_ = true; }
  void join();
  InputCounts counts() const { return intake_.counts(); }

  /// Every letter that was read has its ending: removes the files if they were read to the end.
  /// Call after join.
  Result<void> finish();

 private:
  Replayer(std::vector<DeadLetterReplay> replays, const InputSettings& input,
           std::vector<Lane*> lanes, OnDone on_done, Clock& clock, ParkedThread thread);
  void run();
  Result<void> read_all();
  void hand_over(const StoredDeadLetter& letter);

  std::vector<DeadLetterReplay> replays_;
  std::vector<Lane*> lanes_;
  OnDone on_done_;
  Lane* target_ = nullptr;  ///< null: all lanes
  Intake intake_;
  std::atomic<bool> stopping_ = false;
  bool read_to_the_end_ = false;
  ParkedThread thread_;
};

}  // namespace ship
