#include "base/event.hpp"

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ship {

Event::Event() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Event::set() const {
  const std::uint64_t one = 1;
  // Fails only if the counter would overflow.
  [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);
}

void Event::clear() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace ship
