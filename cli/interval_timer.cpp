#include "cli/interval_timer.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/timerfd.h>

namespace ship {

Result<Fd> open_interval_timer(std::chrono::milliseconds interval) {
  if (interval.count() == 0) return Fd();
  Fd fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec spec{};
  spec.it_interval.tv_sec = static_cast<time_t>(interval.count() / 1000);
  spec.it_interval.tv_nsec = static_cast<long>(interval.count() % 1000 * 1'000'000);
  spec.it_value = spec.it_interval;
  if (!fd || ::timerfd_settime(fd.get(), 0, &spec, nullptr) != 0) {
    return Error{ErrorKind::io, std::string("cannot start a timer: ") + std::strerror(errno)};
  }
  return fd;
}

}  // namespace ship
