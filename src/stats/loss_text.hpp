#pragma once

#include <string>

#include "stats/snapshot.hpp"

namespace ship {

/// What the sink has lost, and why: "58,208 since the start, 12 of them protected (50,000 queue
/// full, 8,208 pushed out by others)". `between` follows the number. Only if it has lost something.
std::string loss_text(const LaneSnapshot& sink, const char* between);

}  // namespace ship
