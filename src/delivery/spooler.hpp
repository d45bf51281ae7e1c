#pragma once

#include <thread>
#include <vector>

#include "delivery/lane.hpp"

namespace ship {

/// The thread that moves records from a lane's memory to its spool, so that a disk that stalls
/// stalls nobody else. What it has in hand goes to disk by one append, with one sync.
class Spooler {
 public:
  /// `lane` has a spool and outlives the spooler.
  explicit Spooler(Lane& lane) : lane_(lane) {}

  void start();
  void join();

 private:
  void run();

  Lane& lane_;
  std::vector<Batch> group_;
  std::vector<SpoolRecord> records_;
  std::thread thread_;
};

}  // namespace ship
