#pragma once

#include <utility>
#include <vector>

#include "base/parked_thread.hpp"
#include "delivery/lane.hpp"

namespace ship {

/// The thread that moves records from a lane's memory to its spool, so that a stalled disk stalls
/// nobody else. What it holds goes to disk in one append, with one sync.
class Spooler {
 public:
  /// `lane` has a spool and outlives the spooler.
  Spooler(Lane& lane, ParkedThread thread) : lane_(lane), thread_(std::move(thread)) {}

  void start();
  void join();

 private:
  void run();

  Lane& lane_;
  std::vector<Batch> group_;
  std::vector<SpoolRecord> records_;
  ParkedThread thread_;
};

}  // namespace ship
