#include "sinks/terminal/stdout_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/wait.hpp"

namespace ship {
namespace {

bool is_named_fifo(int fd) {
  struct statfs fs;
  return ::fstatfs(fd, &fs) == 0 && fs.f_type != PIPEFS_MAGIC;
}

}  // namespace

StdoutSink::StdoutSink(LineStream::Format format, int fd, StatusLine* status_line)
    : fd_(fd),
      stream_(std::move(format)),
      status_line_(status_line != nullptr && status_line->shares(fd) ? status_line : nullptr) {}

bool StdoutSink::can_lose_its_reader(int fd) {
  struct stat st;
  return ::fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && !is_named_fifo(fd);
}

Verdict StdoutSink::send(std::span<const Record> records, const SendContext& context) {
  LineStream::Outcome outcome;
  if (closed_) {
    outcome.error = failed(EPIPE);
  } else if (auto found = find_way(); !found.ok()) {
    outcome.error = std::move(found).error();
  } else {
    outcome = stream_.send(records, [this, &context](std::string_view bytes) {
      return write_some(bytes, context.stop);
    });
  }
  if (outcome.error && outcome.error->code == EPIPE && stream_.unfinished()) {
    // Nobody knows how much of the torn line the last reader took: the next one gets all of it.
    stream_.end_torn();
  }
  Verdict verdict = line_verdict(outcome.complete, records.size(), outcome.bytes, outcome.error);
  if (!closed_) return verdict;
  if (outcome.complete == 0) verdict.kind = Verdict::Kind::reject;
  for (Verdict::Item& item : verdict.items) {
    item.retry = false;
    item.reason = verdict.reason;
  }
  return verdict;
}

Result<void> StdoutSink::find_way() {
  if (way_ != Way::unknown) return {};
  struct stat st;
  if (::fstat(fd_, &st) != 0) {
    closed_ = true;
    return failed(errno);
  }
  terminal_ = S_ISCHR(st.st_mode) && ::isatty(fd_) == 1;
  if (S_ISSOCK(st.st_mode)) {
    way_ = Way::socket;
  } else if (S_ISFIFO(st.st_mode) || terminal_) {
    may_come_back_ = S_ISFIFO(st.st_mode) && is_named_fifo(fd_);
    const std::string path = "/proc/self/fd/" + std::to_string(fd_);
    own_ = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    way_ = own_ ? Way::own : Way::careful;
  } else {
    way_ = Way::plain;
  }
  return {};
}

ssize_t StdoutSink::write_now(int fd, std::string_view bytes) {
  if (way_ == Way::socket) {
    return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (status_line_ == nullptr) return ::write(fd, bytes.data(), bytes.size());
  return status_line_->write_above(
      bytes, [fd](std::string_view part) { return ::write(fd, part.data(), part.size()); });
}

Result<std::size_t> StdoutSink::write_some(std::string_view bytes, const std::stop_token& stop) {
  const Error stopped{ErrorKind::transient, "stopped while the reader of standard output waited"};
  const int fd = own_ ? own_.get() : fd_;
  for (;;) {
    if (way_ == Way::careful) {
      if (!wait_ready(fd, POLLOUT, stop)) return stopped;
      bytes = bytes.substr(0, PIPE_BUF);
    }
    const ssize_t n = write_now(fd, bytes);
    if (n > 0) return static_cast<std::size_t>(n);
    const int code = n == 0 ? EAGAIN : errno;
    if (code == EINTR) continue;
    if (code != EAGAIN && code != EWOULDBLOCK) {
      const bool gone = code == EPIPE || code == ECONNRESET || (terminal_ && code == EIO);
      closed_ = gone && !may_come_back_;
      return failed(code);
    }
    if (!wait_ready(fd, POLLOUT, stop)) return stopped;
  }
}

Error StdoutSink::failed(int code) const {
  switch (code) {
    case EPIPE:
    case ECONNRESET:
      if (may_come_back_) return system_error("nobody reads the FIFO on standard output", code);
      return Error{ErrorKind::permanent, "standard output was closed by its reader", code};
    case EBADF:
      return Error{ErrorKind::permanent, "standard output is not open", code};
    default:
      return system_error("cannot write to standard output", code);
  }
}

void StdoutSink::close(const std::stop_token&) { own_.reset(); }

Result<std::string> StdoutSink::probe(const std::stop_token&) {
  const int flags = ::fcntl(fd_, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
    return Error{ErrorKind::permanent, "standard output is closed, or open for reading only"};
  }
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return system_error("standard output", errno);
  if (::isatty(fd_) == 1) return std::string("standard output is a terminal");
  if (S_ISFIFO(status.st_mode)) return std::string("standard output is a pipe");
  if (S_ISREG(status.st_mode)) return std::string("standard output is a file");
  return std::string("standard output is open");
}

}  // namespace ship
