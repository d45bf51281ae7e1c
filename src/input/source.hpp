#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// Where bytes come from: a pipe, FIFO, regular file, socket, terminal or device, all read in the
/// same way. Flags of a descriptor that others may share (standard input) are never changed;
/// callers poll `fd()` and then read. Used by one thread.
class Source {
 public:
  /// Asked of the kernel for pipes; less is fine.
  static constexpr int kPipeBytes = 1 << 20;

  /// Standard input. Where it is closed the source is empty. Errors: io, where it is open for
  /// writing only.
  static Result<Source> standard_input();
  /// A file, FIFO, socket or device by its path; "-" is standard input. A FIFO opens at once, also
  /// without a writer, and then waits for one. Errors: io, where it does not exist, is a directory
  /// or may not be read.
  static Result<Source> open(const std::string& path);
  /// Takes over a descriptor, such as the read end of a child's pipe. `name` is for messages.
  static Source adopt(Fd fd, std::string name);

  /// What to poll; -1 where the source is empty from the start.
  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  /// A regular file never makes one wait, and ends where it ends now.
  bool is_regular_file() const { return regular_; }

  /// Up to room.size() bytes; 0 is the end of input (a terminal that hung up included). Waits where
  /// nothing is there, so poll first. Errors: transient, where nothing is there after all; io, with
  /// the source's name.
  Result<std::size_t> read(std::span<char> room);

  /// Bytes that can be read now without waiting; 0 where the kernel does not tell.
  std::size_t available() const;

 private:
  Source(Fd fd, std::string name);

  Fd fd_;
  std::string name_;
  bool regular_ = false;
};

/// Says whether `path` can be opened for reading, without opening it (a FIFO's writer would
/// notice). Errors: io.
Result<void> check_readable(const std::string& path);

/// Whether all that `paths` names is regular files; no path means standard input. What cannot be
/// looked at counts as none. For the default of `queue.drop_on_full`.
bool are_regular_files(const std::vector<std::string>& paths);

}  // namespace ship
