#include "sinks/postgres/postgres_wait.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <poll.h>

#include "base/event.hpp"

namespace ship {

Woken wait_until_ready(int fd, short events, SteadyTime until, const std::stop_token& stop) {
  using std::chrono::milliseconds;
  const Event stopped;
  const std::stop_callback on_stop(stop, [&stopped] { stopped.set(); });
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> polled = {pollfd{fd, events, 0}, pollfd{stopped.fd(), POLLIN, 0}};
    auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    // Out of descriptors: look at the stop token from time to time instead.
    left = std::clamp(left, milliseconds(0), milliseconds(stopped ? 60'000 : 50));
    if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) > 0 &&
        polled[0].revents != 0) {
      return Woken::ready;
    }
    if (std::chrono::steady_clock::now() >= until) return Woken::deadline;
  }
  return Woken::stopped;
}

}  // namespace ship
