#include "base/wait.hpp"

#include <algorithm>
#include <array>
#include <chrono>
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

Waited wait_ready_until(int fd, short events, const std::stop_token& stop, SteadyTime until) {
  const Event stopped;
  const std::stop_callback on_stop(stop, [&stopped] { stopped.set(); });
  constexpr std::chrono::milliseconds kLongest{60'000};
  while (!stop.stop_requested()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    std::array<pollfd, 2> polled = {pollfd{fd, events, 0}, pollfd{stopped.fd(), POLLIN, 0}};
    // Out of descriptors: look at the stop token from time to time instead.
    const auto timeout = std::clamp(left, std::chrono::milliseconds{0},
                                    stopped ? kLongest : std::chrono::milliseconds{50});
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
    if (ready > 0 && polled[0].revents != 0) return Waited::ready;
    if (left.count() <= 0) return stop.stop_requested() ? Waited::stopped : Waited::timed_out;
  }
  return Waited::stopped;
}

}  // namespace ship
