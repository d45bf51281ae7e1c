#include "cli/diagnostics.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ship {
namespace {

constexpr std::size_t kMaxPending = 64 * 1024;
/// A pipe that poll reports as writable takes this much without blocking.
constexpr std::size_t kSafeWrite = 4096;

bool is_writable_now(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, 0) == 1 && (entry.revents & POLLOUT) != 0;
}

}  // namespace

Diagnostics::Diagnostics(int fd) : fd_(fd), form_(log_form(LogSettings::Format::automatic, fd)) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) {
    kind_ = Kind::socket;
  } else if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
    kind_ = Kind::pipe;
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    own_ = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own_) fd_ = own_.get();
  }
}

void Diagnostics::set_format(LogSettings::Format format) { form_ = log_form(format, fd_); }

void Diagnostics::log(LogLevel level, std::string_view message, const Voice::Facts& facts) {
  if (level < level_) return;
  const WallNanos now = system_clock().wall();
  {
    const std::lock_guard lock(messages_mutex_);
    if (messages_.size() == kMessagesKept) messages_.pop_front();
    messages_.push_back({now, level, std::string(message)});
  }
  print(log_line(form_, level, message, now, facts));
}

std::vector<RunMessage> Diagnostics::last_messages() const {
  const std::lock_guard lock(messages_mutex_);
  return {messages_.begin(), messages_.end()};
}

void Diagnostics::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  put(text);
  write_pending();
  if (!pending_.empty() || dropped_ > 0) {
    pending_event_.set();
  }
}

void Diagnostics::put(std::string_view text) {
  if (pending_.size() + text.size() > kMaxPending) {
    write_pending();
  }
  if (pending_.size() + text.size() > kMaxPending) {
    ++dropped_;
    return;
  }
  pending_ += text;
}

void Diagnostics::write_pending() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const long n = write_some(std::string_view(pending_).substr(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) {
      done = pending_.size();
      break;
    }
    done += static_cast<std::size_t>(n);
  }
  pending_.erase(0, done);
  if (pending_.empty() && dropped_ > 0) {
    pending_ = log_line(form_, LogLevel::warning,
                        std::to_string(dropped_) +
                            " messages were not shown, because standard error did not take them",
                        system_clock().wall());
    dropped_ = 0;
    write_pending();
  }
}

long Diagnostics::write_some(std::string_view text) const {
  if (kind_ == Kind::socket) {
    return ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (kind_ == Kind::pipe && !own_) {
    if (!is_writable_now(fd_)) {
      errno = EAGAIN;
      return -1;
    }
    text = text.substr(0, kSafeWrite);
  }
  if (status_line_ == nullptr) return write_now(text);
  return status_line_->write_above(text, [this](std::string_view part) { return write_now(part); });
}

long Diagnostics::write_now(std::string_view text) const {
  return ::write(fd_, text.data(), text.size());
}

void Diagnostics::set_status_line(StatusLine* line) {
  const std::lock_guard lock(mutex_);
  status_line_ = line != nullptr && line->shares(fd_) ? line : nullptr;
}

bool Diagnostics::has_pending() const {
  const std::lock_guard lock(mutex_);
  return !pending_.empty();
}

void Diagnostics::flush() {
  const std::lock_guard lock(mutex_);
  pending_event_.clear();
  write_pending();
}

void Diagnostics::finish(int milliseconds) {
  using Steady = std::chrono::steady_clock;
  const auto until = Steady::now() + std::chrono::milliseconds(milliseconds);
  flush();
  while (has_pending()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now());
    if (left.count() <= 0) return;
    pollfd entry{fd_, POLLOUT, 0};
    if (::poll(&entry, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return;
    if ((entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return;
    flush();
  }
}

}  // namespace ship
