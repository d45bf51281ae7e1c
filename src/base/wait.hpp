#pragma once

#include <stop_token>

namespace ship {

/// Waits until `fd` is ready for `events` (POLLIN, POLLOUT of poll(2)), has an error, or `stop`
/// fires. True: ready or in error; the next call on `fd` shows which. False: stopped. Returns
/// within milliseconds of a stop. Uses no CPU time while it waits. Any thread.
bool wait_ready(int fd, short events, const std::stop_token& stop);

}  // namespace ship
