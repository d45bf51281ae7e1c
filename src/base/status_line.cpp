#include "base/status_line.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace ship {
namespace {

// From the first column of the line to the end of the screen: covers all the rows that it may have
// wrapped to.
constexpr std::string_view kErase = "\x1b[?7h\r\x1b[J";
// A window may have become narrower before we were told: a line that is now too long must not wrap
// to a second row, which would never be erased.
constexpr std::string_view kWrapOff = "\x1b[?7l";
constexpr std::string_view kWrapOn = "\x1b[?7h";

// Gets the device itself, even if it was opened as /dev/tty.
bool terminal_device(int fd, unsigned& device) { return ::ioctl(fd, TIOCGDEV, &device) == 0; }

bool in_foreground(int fd) {
  const pid_t group = ::tcgetpgrp(fd);
  return group < 0 || group == ::getpgrp();
}

}  // namespace

StatusLine::StatusLine(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  fd_ = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool StatusLine::shares(int fd) const {
  unsigned own = 0;
  unsigned other = 0;
  return fd_ && terminal_device(fd_.get(), own) && terminal_device(fd, other) && own == other;
}

unsigned StatusLine::columns() const {
  winsize size{};
  return ::ioctl(fd_.get(), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// Not too much at once, so that the line stays visible while a slow terminal scrolls.
std::string_view StatusLine::piece_of(std::string_view bytes) {
  constexpr std::size_t kMost = 2048;
  if (bytes.size() <= kMost) return bytes;
  const std::size_t newline = bytes.rfind('\n', kMost - 1);
  return bytes.substr(0, newline == std::string_view::npos ? kMost : newline + 1);
}

ssize_t StatusLine::write_above(std::string_view bytes, const Write& write) {
  const std::lock_guard lock(mutex_);
  if (!erase()) {
    errno = EAGAIN;
    return -1;
  }
  bytes = piece_of(bytes);
  const ssize_t written = write(bytes);
  const int code = errno;
  if (written > 0) {
    at_line_start_ = bytes[static_cast<std::size_t>(written) - 1] == '\n';
    if (static_cast<std::size_t>(written) == bytes.size()) draw();
  }
  errno = code;
  return written;
}

void StatusLine::show(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  draw();
}

void StatusLine::remove() {
  const std::lock_guard lock(mutex_);
  text_.clear();
  erase();
}

void StatusLine::draw() {
  if (text_.empty() || !at_line_start_ || !fd_ || !in_foreground(fd_.get())) return;
  drawn_ = true;
  std::string bytes(kErase);
  bytes.append(kWrapOff).append(text_).append(kWrapOn).append("\r");
  put(bytes);
}

// This also erases a half-drawn line: the next escape sequence ends one that was cut off.
bool StatusLine::erase() {
  if (drawn_) drawn_ = !put(kErase);
  return !drawn_;
}

bool StatusLine::put(std::string_view bytes) {
  return ::write(fd_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

}  // namespace ship
