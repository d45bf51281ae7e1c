#pragma once

#include <stop_token>

#include "base/clock.hpp"

namespace ship {

/// Why a wait for a server ended.
enum class Woken { ready, deadline, stopped };

/// Waits until `fd` is ready for `events` (POLLIN, POLLOUT) or is in error, `until` has come, or
/// `stop` fires.
Woken wait_until_ready(int fd, short events, SteadyTime until, const std::stop_token& stop);

}  // namespace ship
