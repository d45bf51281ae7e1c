#include "base/wait.hpp"

#include <array>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.hpp"

namespace ship {

bool wait_ready(int fd, short events, const std::stop_token& stop) {
  const Fd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback on_stop(stop, [&stopped] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(stopped.get(), &one, sizeof one);
  });
  // Out of descriptors: look at the stop token from time to time instead.
  const int timeout_ms = stopped ? -1 : 50;
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> polled = {pollfd{fd, events, 0}, pollfd{stopped.get(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), timeout_ms) > 0 && polled[0].revents != 0) return true;
  }
  return false;
}

}  // namespace ship
