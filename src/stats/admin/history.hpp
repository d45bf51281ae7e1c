#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "stats/snapshot.hpp"

namespace ship {

/// The counts of the last two minutes, one sample a second, so that someone who opens the page sees
/// what led to the current state. About 10 KB for each sink. Not thread-safe.
class History {
 public:
  static constexpr std::size_t kSamples = 121;

  /// Call it once a second; drops the oldest sample when there are enough.
  void add(const StatsSnapshot& snapshot);

  /// One line of JSON with a newline: {"interval_seconds":1,"at":[…],"lines":[…],"sinks":{"NAME":
  /// {"submitted":[…],"delivered":[…],"dropped":[…],"queue_depth":[…],"spooled":[…],"flushes":[…],
  /// "flush_seconds":[…]}}}. Counts since the start, not rates; null before the sink existed. `at`
  /// is the uptime.
  std::string json() const;

 private:
  struct OfSink {
    std::uint64_t submitted;
    std::uint64_t delivered;
    std::uint64_t dropped;
    std::uint64_t queue_depth;
    std::uint64_t spooled;
    std::uint64_t flushes;
    double flush_seconds;
  };
  struct Sample {
    double at;
    std::uint64_t lines;
    std::vector<OfSink> sinks;  ///< in the order of `names_`; shorter before the last sinks were
                                ///< added
  };

  std::size_t index_of(const std::string& name);
  std::string column(const auto& value) const;

  std::vector<std::string> names_;
  std::deque<Sample> samples_;
};

}  // namespace ship
