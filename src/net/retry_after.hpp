#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace ship {

/// The wait that a Retry-After header asks for (RFC 9110, 10.2.3), given in seconds or as an HTTP
/// date in any of its three forms; a date in the past means no wait. At most 24 hours. None if it
/// is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, WallNanos now);

}  // namespace ship
