#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "input/enveloped_line.hpp"
#include "input/text_group.hpp"

namespace ship {

/// Lines of one input that wait for those that continue them: text, and parts of a long line.
struct WaitingLines {
  TextGroup group;
  std::array<LineParts, 2> parts;  ///< of standard output and standard error
  bool group_is_new = false;
  SteadyTime group_began{};
  std::optional<SteadyTime> deadline;  ///< when they have waited long enough; none: nothing waits

  bool any() const { return group.holds() || parts[0].waits || parts[1].waits; }
  /// Where in the input the first of them begins.
  std::uint64_t begin() const;
};

}  // namespace ship
