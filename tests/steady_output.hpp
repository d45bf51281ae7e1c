#pragma once

#include <csignal>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

/// What the producers of the tests and of the bench have in common: applications that write lines
/// to standard output and measure each write(2).
namespace steady_output {

/// The parts of a list with commas; none of an empty one.
inline std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return parts;
}

/// A write that blocks later than so many seconds from now ends with EINTR (0: never), one into a
/// pipe that is gone with EPIPE; sleeps end when they are due.
inline void prepare(unsigned limit_seconds) {
  ::signal(SIGPIPE, SIG_IGN);
  struct sigaction alarm_action {};
  alarm_action.sa_handler = [](int) {};  // no SA_RESTART: write(2) returns EINTR
  ::sigaction(SIGALRM, &alarm_action, nullptr);
  ::alarm(limit_seconds);
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

/// Writes it all; false, with errno, where the pipe is gone or the limit's alarm came.
inline bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace steady_output
