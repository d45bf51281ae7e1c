#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "input/input_progress.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// What a progress bar shows.
struct ProgressFacts {
  InputProgress input;
  std::uint64_t lines = 0;
  std::uint64_t bytes_per_second = 0;
  std::optional<std::chrono::seconds> left;  ///< none: unknown yet
  unsigned queue_percent = 0;                ///< of the fullest queue
  std::uint64_t pending = 0;                 ///< records read that have no ending yet
  std::uint64_t dropped = 0;                 ///< dropped by all sinks together
};

/// The facts in a snapshot of the statistics; leaves out rate and time.
ProgressFacts progress_facts(const InputProgress& input, const StatsSnapshot& snapshot);

/// One line of at most `columns` columns, ASCII, without a newline. If not everything fits, leaves
/// out what matters less. Once the input has ended, shows what is still to be delivered.
std::string progress_text(const ProgressFacts& facts, unsigned columns);

/// The rate over the last few seconds, so that the time left follows what happens now.
class RateMeter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `bytes` were read until `now`; neither ever decreases.
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
