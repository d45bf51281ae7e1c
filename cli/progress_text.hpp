#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "input/input_progress.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// What a progress bar tells.
struct ProgressFacts {
  InputProgress input;
  std::uint64_t lines = 0;
  std::uint64_t bytes_per_second = 0;
  std::optional<std::chrono::seconds> left;  ///< none: cannot be said yet
  unsigned queue_percent = 0;                ///< of the fullest queue
  std::uint64_t pending = 0;                 ///< records that were read and have no ending yet
  std::uint64_t dropped = 0;                 ///< by all sinks together
};

/// The facts that a picture of the statistics holds; rate and time are left out.
ProgressFacts progress_facts(const InputProgress& input, const StatsSnapshot& snapshot);

/// One line of at most `columns` columns, ASCII, without newline. What matters less is left out
/// where it does not fit. Once the input has ended it tells what is still to be delivered.
std::string progress_text(const ProgressFacts& facts, unsigned columns);

/// The rate of the last few seconds, so that a time left follows what happens now.
class RateMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `bytes` were read until `now`; neither goes back.
  void add(Time now, std::uint64_t bytes);
  /// Bytes a second; 0 until there are two readings.
  double rate() const { return rate_; }

 private:
  std::optional<Time> last_;
  std::uint64_t last_bytes_ = 0;
  double rate_ = 0;
  bool known_ = false;
};

}  // namespace ship
