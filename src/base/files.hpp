#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace ship {

/// What is at a path or behind an open file. `device` and `inode` together identify the file
/// itself, whatever its name is now.
struct FileStatus {
  enum class Kind : std::uint8_t { regular, directory, link, fifo, other };
  Kind kind = Kind::regular;
  std::uint64_t size = 0;  ///< bytes; 0 if it has no size
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  WallNanos modified = 0;

  bool same_file(const FileStatus& other) const {
    return device == other.device && inode == other.inode;
  }
};

/// One open file; the destructor closes it. Belongs to one thread at a time. Errors are those of
/// `Files`.
class File {
 public:
  virtual ~File() = default;

  /// Writes a prefix of `bytes`, possibly not all of it, and returns its length. 0: a FIFO or
  /// device takes nothing now; wait on `descriptor()`. Retries when a signal interrupts.
  virtual Result<std::size_t> write(std::string_view bytes) = 0;
  /// The same at `offset`, wherever the file ends; only for a file opened to be updated.
  virtual Result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) = 0;
  /// Reads up to `size` bytes at `offset` into `into`; returns how many, 0 at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) = 0;
  /// Returns once the content and size are on stable storage (fdatasync). After an error, content
  /// written since the last success may be lost even if a later call succeeds: write it again.
  virtual Result<void> sync() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  /// fstat: the open file, not what is at its path now.
  virtual Result<FileStatus> status() = 0;
  /// Takes an exclusive advisory lock that lasts until the file is closed or the process dies
  /// (flock). Errors: transient if someone else holds it. Does not wait.
  virtual Result<void> lock() = 0;
  /// For poll(2) only; -1 if there is nothing to wait for.
  virtual int descriptor() const = 0;
};

enum class OpenMode : std::uint8_t {
  read,           ///< must exist
  append,         ///< created if missing; each write goes to the end, even if others write too
  create_new,     ///< must not exist; writes go to the end
  update,         ///< must exist; for read_at and write_at
  create_update,  ///< must not exist; for read_at and write_at
};

/// The seam to the file system. Tests pass a MemoryFiles; the product passes `system_files()`.
/// Every method may be called from any thread; none waits for a peer (no open hangs on a FIFO).
/// Errors: transient for what may go away on its own (disk full, quota, EIO, too many open files, a
/// FIFO that nobody reads); io for what will not (missing, forbidden, a link instead of a file).
/// `Error::code` is the errno; the message says what was tried, on which path, and the system's
/// reason.
class Files {
 public:
  virtual ~Files() = default;

  /// Never follows a symbolic link in the last component (ELOOP); directories before it may be
  /// links. `permissions` apply to a newly created file, before the umask.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode,
                                             std::uint32_t permissions = 0640) = 0;
  /// Replaces `to` atomically if it exists. Durable after `sync_directory`.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  /// Never replaces: EEXIST if `to` exists. Durable after `sync_directory`.
  virtual Result<void> rename_new(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  /// Names without the directory, in no particular order, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// lstat: reports a link itself, not its target. ENOENT if nothing is there.
  virtual Result<FileStatus> status(const std::string& path) = 0;
  /// One level; not an error if it already exists.
  virtual Result<void> make_directory(const std::string& path, std::uint32_t permissions) = 0;
  /// Makes creations, renames and removals in `directory` durable.
  virtual Result<void> sync_directory(const std::string& directory) = 0;
};

/// The machine's own files over POSIX. Lives as long as the program.
Files& system_files();

/// The directory that contains `path`: "/var/log" for "/var/log/app", "." for "app", "/" for
/// "/app".
std::string directory_of(std::string_view path);
/// The last component: "app" for "/var/log/app".
std::string_view name_of(std::string_view path);

/// An Error for a system call that failed with `code` (an errno): "WHAT: No space left on device",
/// with the kind that `Files` promises.
Error system_error(std::string_view what, int code);

}  // namespace ship
