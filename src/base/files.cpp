#include "base/files.hpp"

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/fd.hpp"

namespace ship {
namespace {

ErrorKind kind_of(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // the limit of `ulimit -f`; rotation or an operator may make room
    case EIO:
    case EAGAIN:
    case EINTR:
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
    case ENXIO:  // a FIFO without a reader
    case EPIPE:  // the FIFO's reader went away; another may come
    case EBUSY:
    case ETXTBSY:
    case ESTALE:
    case ETIMEDOUT:
      return ErrorKind::transient;
    default:
      return ErrorKind::io;
  }
}

FileStatus to_status(const struct stat& st) {
  FileStatus status;
  if (S_ISREG(st.st_mode)) {
    status.kind = FileStatus::Kind::regular;
  } else if (S_ISDIR(st.st_mode)) {
    status.kind = FileStatus::Kind::directory;
  } else if (S_ISLNK(st.st_mode)) {
    status.kind = FileStatus::Kind::link;
  } else if (S_ISFIFO(st.st_mode)) {
    status.kind = FileStatus::Kind::fifo;
  } else {
    status.kind = FileStatus::Kind::other;
  }
  status.size = static_cast<std::uint64_t>(st.st_size);
  status.device = st.st_dev;
  status.inode = st.st_ino;
  status.modified = WallNanos{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec;
  return status;
}

class PosixFile final : public File {
 public:
  PosixFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> write(std::string_view bytes) override {
    for (;;) {
      const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
      if (errno != EINTR) return failed("cannot write to ", errno);
    }
  }

  Result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) override {
    for (;;) {
      const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return failed("cannot write to ", errno);
    }
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    for (;;) {
      const ssize_t n = ::pread(fd_.get(), into, size, static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) return failed("cannot read ", errno);
    }
  }

  Result<void> sync() override {
    while (::fdatasync(fd_.get()) != 0) {
      if (errno == EINVAL || errno == EROFS) return {};  // a FIFO or device: nothing to sync
      if (errno != EINTR) return failed("cannot sync ", errno);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return failed("cannot truncate ", errno);
    }
    return {};
  }

  Result<FileStatus> status() override {
    struct stat st;
    if (::fstat(fd_.get(), &st) != 0) return failed("cannot stat ", errno);
    return to_status(st);
  }

  Result<void> lock() override {
    while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EINTR) return failed("cannot lock ", errno);
    }
    return {};
  }

  int descriptor() const override { return fd_.get(); }

 private:
  Error failed(std::string_view what, int code) const {
    return system_error(std::string(what) + path_, code);
  }

  Fd fd_;
  std::string path_;
};

class SystemFiles final : public Files {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode,
                                     std::uint32_t permissions) override {
    const auto open_with = [&](int flags) {
      flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
      int fd;
      do {
        fd = ::open(path.c_str(), flags, static_cast<mode_t>(permissions));
      } while (fd < 0 && errno == EINTR);
      return Fd(fd);
    };
    const auto opened = [&](Fd fd) -> Result<std::unique_ptr<File>> {
      if (!fd) return system_error("cannot open " + path, errno);
      return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path));
    };
    if (mode == OpenMode::read) return opened(open_with(O_RDONLY));
    if (mode == OpenMode::update) return opened(open_with(O_RDWR));
    if (mode == OpenMode::append) {
      Fd fd = open_with(O_WRONLY | O_APPEND);
      if (fd || errno != ENOENT) return opened(std::move(fd));
    }
    const int access = mode == OpenMode::create_update ? O_RDWR : O_WRONLY | O_APPEND;
    Fd fd = open_with(access | O_CREAT | O_EXCL);
    if (!fd && errno == EEXIST && mode == OpenMode::append) {
      return opened(open_with(O_WRONLY | O_APPEND));  // another process created it first
    }
    if (fd) {
      // File systems without permissions refuse; the mode that open set must do there.
      [[maybe_unused]] const int ignored = ::fchmod(fd.get(), static_cast<mode_t>(permissions));
    }
    return opened(std::move(fd));
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
    return system_error("cannot rename " + from + " to " + to, errno);
  }

  Result<void> rename_new(const std::string& from, const std::string& to) override {
    const std::string what = "cannot rename " + from + " to " + to;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return system_error(what, errno);
    // Network and older overlay file systems lack the flag: check first, then rename.
    struct stat st;
    if (::lstat(to.c_str(), &st) == 0) return system_error(what, EEXIST);
    return rename(from, to);
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return {};
    return system_error("cannot remove " + path, errno);
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(directory.c_str()), ::closedir);
    if (!dir) return system_error("cannot list " + directory, errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return system_error("cannot list " + directory, errno);
    return names;
  }

  Result<FileStatus> status(const std::string& path) override {
    struct stat st;
    if (::lstat(path.c_str(), &st) != 0) return system_error("cannot stat " + path, errno);
    return to_status(st);
  }

  Result<void> make_directory(const std::string& path, std::uint32_t permissions) override {
    if (::mkdir(path.c_str(), static_cast<mode_t>(permissions)) == 0) return {};
    const int code = errno;
    struct stat st;
    if (code == EEXIST && ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return {};
    return system_error("cannot make the directory " + path, code);
  }

  Result<void> sync_directory(const std::string& directory) override {
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return system_error("cannot open the directory " + directory, errno);
    // Some file systems (overlays, network ones) cannot sync a directory and return EINVAL.
    if (::fsync(fd.get()) == 0 || errno == EINVAL) return {};
    return system_error("cannot sync the directory " + directory, errno);
  }
};

}  // namespace

Files& system_files() {
  static SystemFiles files;
  return files;
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Error system_error(std::string_view what, int code) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(code);
  return Error{kind_of(code), std::move(message), code};
}

}  // namespace ship
