#include "input/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ship {
namespace {

constexpr const char* kStandardInput = "standard input";

Error io_error(const std::string& name, const std::string& what, int code) {
  return {ErrorKind::io, "input " + name + ": " + what + ": " + std::strerror(code)};
}

bool is_standard_input(const std::string& path) { return path == "-"; }

bool is_regular(const struct stat& status) { return S_ISREG(status.st_mode); }

}  // namespace

Source::Source(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {
  struct stat status {};
  if (!fd_ || fstat(fd_.get(), &status) != 0) return;
  regular_ = is_regular(status);
  if (regular_) {
    const off_t start = ::lseek(fd_.get(), 0, SEEK_CUR);
    if (status.st_size > start) size_ = static_cast<std::uint64_t>(status.st_size - start);
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  if (S_ISFIFO(status.st_mode)) ::fcntl(fd_.get(), F_SETPIPE_SZ, kPipeBytes);
}

std::string Source::label() const { return name_ == kStandardInput ? "stdin" : name_; }

Result<Source> Source::standard_input() {
  const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
  // The descriptor was closed, then made to refuse reading so that no other file takes its number.
  if (flags < 0 || (flags & O_PATH) != 0) {
    return Error{ErrorKind::io, "standard input is closed: give it a pipe or '< FILE'"};
  }
  if ((flags & O_ACCMODE) == O_WRONLY) {
    return Error{ErrorKind::io,
                 "input standard input: open for writing only; use '< FILE' or a pipe"};
  }
  // A descriptor of our own for the same open file, so that closing it leaves standard input alone.
  Fd own(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!own) return io_error(kStandardInput, "cannot duplicate", errno);
  Source source(std::move(own), kStandardInput);
  if (auto found = source.find_packing(); !found) return std::move(found).error();
  return source;
}

Result<Source> Source::open(const std::string& path) {
  if (is_standard_input(path)) return standard_input();
  // Without O_NONBLOCK the open of a FIFO waits for its writer.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return io_error(path, "cannot open", errno);
  struct stat status {};
  if (fstat(fd.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return io_error(path, "cannot read", EISDIR);
  }
  Source source(std::move(fd), path);
  source.take_fingerprint();
  if (auto found = source.find_packing(); !found) return std::move(found).error();
  return source;
}

Source Source::adopt(Fd fd, std::string name) { return Source(std::move(fd), std::move(name)); }

void Source::take_fingerprint() {
  if (!regular_) return;
  std::string head(kFingerprintHead, '\0');
  std::size_t filled = 0;
  while (filled < head.size()) {
    const ssize_t got =
        ::pread(fd_.get(), head.data() + filled, head.size() - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    // A file that cannot be read has no fingerprint; reading it reports why.
    if (got < 0) return;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  fingerprint_ = file_run_id(std::string_view(head).substr(0, filled), size_);
}

Result<void> Source::find_packing() {
  if (!regular_) return {};
  char head[kPackingHead];
  const off_t start = ::lseek(fd_.get(), 0, SEEK_CUR);
  const ssize_t got = ::pread(fd_.get(), head, sizeof head, start);
  if (got <= 0) return {};
  auto packing = packing_of({head, static_cast<std::size_t>(got)}, name_);
  if (!packing) return std::move(packing).error().in("input " + name_);
  if (packing.value() != Packing::none) decompressor_.emplace(packing.value());
  return {};
}

Result<std::size_t> Source::read(std::span<char> room) {
  if (!fd_) return std::size_t{0};
  if (!decompressor_) return read_bytes(room);
  auto got =
      decompressor_->read(room, [this](std::span<char> packed) { return read_bytes(packed); });
  if (!got && got.error().kind == ErrorKind::corrupt) {
    return std::move(got).error().in("input " + name_);
  }
  return got;
}

Result<std::size_t> Source::read_bytes(std::span<char> room) {
  while (true) {
    const ssize_t got = ::read(fd_.get(), room.data(), room.size());
    if (got >= 0) {
      position_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    const int code = errno;
    if (code == EINTR) continue;
    if (code == EAGAIN) return Error{ErrorKind::transient, "input " + name_ + ": nothing there"};
    // What a terminal returns once the other side has hung up.
    if (code == EIO && ::isatty(fd_.get())) return std::size_t{0};
    return io_error(name_, "cannot read", code);
  }
}

std::size_t Source::available() const {
  int bytes = 0;
  if (!fd_ || ::ioctl(fd_.get(), FIONREAD, &bytes) != 0) return 0;
  return static_cast<std::size_t>(std::max(bytes, 0));
}

Result<std::uint64_t> check_readable(const std::string& path) {
  struct stat status {};
  if (!is_standard_input(path)) {
    if (::stat(path.c_str(), &status) != 0) return io_error(path, "cannot open", errno);
    if (!is_regular(status) && !S_ISDIR(status.st_mode)) {
      if (::access(path.c_str(), R_OK) != 0) return io_error(path, "cannot open", errno);
      return std::uint64_t{0};
    }
  }
  auto source = Source::open(path);
  if (!source) return std::move(source).error();
  return source.value().size();
}

bool is_standard_pipe(const std::vector<std::string>& paths) {
  struct stat status {};
  return (paths.empty() || (paths.size() == 1 && is_standard_input(paths.front()))) &&
         ::fstat(STDIN_FILENO, &status) == 0 &&
         (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

bool are_regular_files(const std::vector<std::string>& paths) {
  struct stat status {};
  if (paths.empty()) return ::fstat(STDIN_FILENO, &status) == 0 && is_regular(status);
  return std::all_of(paths.begin(), paths.end(), [&status](const std::string& path) {
    const int failed =
        is_standard_input(path) ? ::fstat(STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
    return failed == 0 && is_regular(status);
  });
}

}  // namespace ship
