#include "input/activated_sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fcntl.h>
#include <set>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ship {
namespace {

constexpr int kFirstPassed = 3;

long number_in(const char* variable) {
  const char* const text = ::getenv(variable);
  if (text == nullptr) return 0;
  const std::string_view digits = text;
  long number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return wrong == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

/// The names of the descriptors, in their order; "unknown" where there is none, as systemd has it.
std::vector<std::string> passed_names(std::size_t count) {
  const char* const text = ::getenv("LISTEN_FDNAMES");
  std::string_view rest = text ? text : "";
  std::vector<std::string> names;
  while (names.size() < count) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    names.emplace_back(end > 0 ? rest.substr(0, end) : "unknown");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

Error nothing_passed(const std::string& name, const std::string& found) {
  return {ErrorKind::config,
          "input systemd:" + name + ": " + found +
              "; start it by a socket unit (fapilog-ship-stream@.socket is an example), or listen "
              "on unix:PATH"};
}

int option_of(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

Result<std::vector<ActivatedSocket>> take_activated_sockets(const std::string& name) {
  const long count = number_in("LISTEN_FDS");
  if (count <= 0 || count > 1024) return nothing_passed(name, "systemd passed no socket");
  if (number_in("LISTEN_PID") != static_cast<long>(::getpid())) {
    return nothing_passed(name, "the sockets were passed to another process (LISTEN_PID)");
  }
  // There is one set of them for each process, whoever asks.
  static std::set<int> given;
  const std::vector<std::string> names = passed_names(static_cast<std::size_t>(count));
  std::vector<ActivatedSocket> taken;
  std::string others;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const std::string& its_name = names[static_cast<std::size_t>(i)];
    const int fd = kFirstPassed + i;
    if (!name.empty() && its_name != name) {
      others += (others.empty() ? "" : ", ") + its_name;
      continue;
    }
    struct stat status {};
    if (given.count(fd) > 0 || ::fstat(fd, &status) != 0) continue;
    const bool fifo = S_ISFIFO(status.st_mode);
    if (!fifo && (option_of(fd, SO_TYPE) != SOCK_STREAM || option_of(fd, SO_ACCEPTCONN) != 1)) {
      return Error{ErrorKind::config,
                   "input systemd:" + name + ": descriptor " + std::to_string(fd) + " (" +
                       its_name +
                       ") is neither a stream socket that listens nor a FIFO: take ListenStream= "
                       "with Accept=no, or ListenFIFO="};
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    given.insert(fd);
    taken.push_back({Fd(fd), fifo});
  }
  if (taken.empty()) {
    return nothing_passed(name, others.empty() ? "every socket is taken by another input"
                                               : "systemd passed " + others + " only");
  }
  return taken;
}

}  // namespace ship
