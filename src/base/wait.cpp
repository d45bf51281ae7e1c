#include "base/wait.hpp"

#include <array>
#include <poll.h>

#include "base/event.hpp"

namespace ship {

bool wait_ready(int fd, short events, const std::stop_token& stop) {
  const Event stopped;
  const std::stop_callback on_stop(stop, [&stopped] { stopped.set(); });
  // Out of descriptors: poll the stop token from time to time instead.
  const int timeout_ms = stopped ? -1 : 50;
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> polled = {pollfd{fd, events, 0}, pollfd{stopped.fd(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), timeout_ms) > 0 && polled[0].revents != 0) return true;
  }
  return false;
}

}  // namespace ship
