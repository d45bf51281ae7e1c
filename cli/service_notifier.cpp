#include "cli/service_notifier.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

namespace ship {
namespace {

std::string_view variable(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : 0;
}

Fd open_timer(std::uint64_t microseconds) {
  Fd fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec spec{};
  spec.it_interval.tv_sec = static_cast<time_t>(microseconds / 1'000'000);
  spec.it_interval.tv_nsec = static_cast<long>(microseconds % 1'000'000 * 1000);
  spec.it_value = spec.it_interval;
  if (fd) ::timerfd_settime(fd.get(), 0, &spec, nullptr);
  return fd;
}

}  // namespace

ServiceNotifier ServiceNotifier::from_environment() {
  ServiceNotifier notifier;
  const std::string_view address = variable("NOTIFY_SOCKET");
  const bool usable = address.size() > 1 && address.size() < sizeof(sockaddr_un::sun_path) &&
                      (address.front() == '/' || address.front() == '@');
  if (!usable) return notifier;
  notifier.address_ = address;
  const std::string_view process = variable("WATCHDOG_PID");
  const std::uint64_t limit = number(variable("WATCHDOG_USEC"));
  if (limit > 1 && (process.empty() || number(process) == static_cast<std::uint64_t>(::getpid()))) {
    notifier.timer_ = open_timer(limit / 2);
  }
  return notifier;
}

void ServiceNotifier::ready() {
  if (!stopping_) send("READY=1");
}

void ServiceNotifier::reloading() {
  if (stopping_) return;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send("RELOADING=1\nMONOTONIC_USEC=" +
       std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceNotifier::stopping() {
  if (stopping_) return;
  stopping_ = true;
  send("STOPPING=1");
}

void ServiceNotifier::alive() {
  std::uint64_t expirations = 0;
  if (::read(timer_.get(), &expirations, sizeof expirations) > 0) send("WATCHDOG=1");
}

void ServiceNotifier::send(const std::string& state) const {
  if (address_.empty()) return;
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return;
  const timeval patience{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  // The abstract namespace, whose names begin with a zero byte.
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  [[maybe_unused]] const ssize_t sent = ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                                 reinterpret_cast<const sockaddr*>(&to), length);
}

}  // namespace ship
