#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stats/snapshot.hpp"
#include "stats/voice.hpp"

namespace ship {

/// Says what happens to the inputs that many write to, as Voice does it for sinks: where they
/// listen, that connections are refused or lines cut, that a path was gone. What goes on is told
/// once a minute, with running totals. Not thread-safe.
class InputVoice {
 public:
  /// What there is to say since the snapshot before.
  std::vector<Voice::Line> hear(const StatsSnapshot& snapshot);

 private:
  /// A count that grows, and how much of it was said.
  struct Told {
    std::uint64_t count = 0;
    double again_at = 0;
    /// Whether it is time to say `now_at`, a larger count.
    bool take(std::uint64_t now_at, double now);
  };
  struct Memory {
    bool begun = false;
    Told refused;
    Told cut;
    std::uint64_t remade = 0;
    std::string trouble;
    double trouble_again_at = 0;
  };

  static void hear_input(const InputReport& input, double now, Memory& memory,
                         std::vector<Voice::Line>& lines);

  std::map<std::string, Memory> inputs_;
};

}  // namespace ship
