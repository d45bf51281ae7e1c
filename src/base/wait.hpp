#pragma once

#include <cstdint>
#include <stop_token>

#include "base/clock.hpp"

namespace ship {

/// Waits until `fd` is ready for `events` (POLLIN, POLLOUT of poll(2)), has an error, or `stop`
/// fires. True: ready or in error; the next call on `fd` shows which. False: stopped. Returns
/// within milliseconds of a stop. Uses no CPU time while it waits. Any thread.
bool wait_ready(int fd, short events, const std::stop_token& stop);

/// How a wait ended.
enum class Waited : std::uint8_t { ready, stopped, timed_out };

/// The same until a moment on the machine's steady clock. Without a descriptor (-1) only the stop
/// and the moment end it.
Waited wait_ready_until(int fd, short events, const std::stop_token& stop, SteadyTime until);

}  // namespace ship
