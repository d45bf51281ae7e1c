#pragma once

#include <cstdint>
#include <string>

#include "stats/snapshot.hpp"

namespace ship {

/// More of a reason than this many bytes is not said.
inline constexpr std::size_t kMaxReason = 300;

/// "1 line", "58,208 lines".
std::string lines_text(std::uint64_t n);
/// What the sink has lost, and why: "58,208 since the start, 12 of them protected (50,000 queue
/// full, 8,208 pushed out by others)". `between` follows the number. Only if it has lost something.
std::string loss_text(const LaneSnapshot& sink, const char* between);
/// Why the sink last failed, shortened.
std::string reason_of(const LaneSnapshot& sink);
/// Whether the server refused for good all that it was to get.
bool refused_all(const LaneSnapshot& sink);
/// "on exit: 30 lines were lost, …", and what the numbers do not show: that nothing was delivered,
/// or that the server may have stored some of them.
std::string lost_at_exit_text(const LaneSnapshot& sink);
/// "41 lines were refused for good and kept as dead letters: HTTP 400 Bad Request"; `at_exit`: no
/// more will come, so "all 41" may be said.
std::string refused_text(const LaneSnapshot& sink, bool at_exit = false);

}  // namespace ship
