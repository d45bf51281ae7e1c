#pragma once

#include <array>

#include "base/histogram.hpp"

namespace ship {

inline constexpr std::array<double, 18> kLoopBounds = {
    0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
    0.001,    0.0025,    0.005,    0.01,    0.025,    0.05,    0.1,    0.25,    1.0};

/// How long, in seconds, a reader was away from its input: from the return of one read until it was
/// ready for the next. An application whose pipe is full waits at most that long.
using LoopTimes = Histogram<kLoopBounds>;

}  // namespace ship
