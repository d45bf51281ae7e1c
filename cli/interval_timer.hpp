#pragma once

#include <chrono>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// A descriptor that becomes readable every `interval`, for poll(2); none if it is 0. Errors: io.
Result<Fd> open_interval_timer(std::chrono::milliseconds interval);

}  // namespace ship
