#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "input/decompressor.hpp"
#include "record/identity.hpp"

namespace ship {

/// Where bytes come from: a pipe, FIFO, regular file, socket, terminal or device, all read the same
/// way. Never changes the flags of a descriptor that others may share (standard input); callers
/// poll `fd()` and then read. A regular file that is packed with gzip or zstd is read as its text.
/// Used by one thread.
class Source {
 public:
  /// The pipe capacity to request from the kernel; less is fine.
  static constexpr int kPipeBytes = 1 << 20;

  /// Standard input. Errors: io, if it is closed or open only for writing; corrupt, as `open`.
  static Result<Source> standard_input();
  /// A file, FIFO, socket or device by its path; "-" is standard input. A FIFO opens at once, even
  /// without a writer, and then waits for one. Errors: io, if it does not exist, is a directory or
  /// may not be read; corrupt, if it is packed in an unsupported format.
  static Result<Source> open(const std::string& path);
  /// Takes over a descriptor, such as the read end of a child's pipe. `name` is for messages.
  static Source adopt(Fd fd, std::string name);

  /// What to poll; -1 if the source is empty from the start.
  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  /// The name for statistics: "stdin" for standard input, else the path.
  std::string label() const;
  /// A regular file never makes one wait, and ends where it ends now.
  bool is_regular_file() const { return regular_; }

  /// Up to room.size() bytes; 0 is the end of input (a terminal that hung up included). Waits if
  /// there is nothing, so poll first. Errors: transient, if there is nothing after all; io, with
  /// the source's name; corrupt, if a packed file is damaged, with the position.
  Result<std::size_t> read(std::span<char> room);

  /// Bytes read so far from the position at the start; packed bytes if it is packed.
  std::uint64_t position() const { return position_; }
  /// The fingerprint of a regular file that was opened by its path; none for anything else.
  const std::optional<RunId>& fingerprint() const { return fingerprint_; }
  /// Bytes of a regular file from the position at the start to its end; 0 for anything else.
  std::uint64_t size() const { return size_; }

  /// Bytes that can be read now without waiting; 0 if the kernel does not say.
  std::size_t available() const;

 private:
  Source(Fd fd, std::string name);

  Result<void> find_packing();
  void take_fingerprint();
  Result<std::size_t> read_bytes(std::span<char> room);

  Fd fd_;
  std::string name_;
  bool regular_ = false;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;
  std::optional<RunId> fingerprint_;
  std::optional<Decompressor> decompressor_;
};

/// Checks whether `path` can be read; returns its size, as Source::size. Opens regular files only
/// (a FIFO's writer would notice). Errors: io, corrupt; as Source::open.
Result<std::uint64_t> check_readable(const std::string& path);

/// Whether `paths` is standard input and that is a pipe or socket, with a writer at its other end
/// that also gets the terminal's Ctrl-C.
bool is_standard_pipe(const std::vector<std::string>& paths);

/// Whether everything that `paths` names is a regular file; no path means standard input. A path
/// that cannot be checked does not count as one. For the default of `queue.drop_on_full`.
bool are_regular_files(const std::vector<std::string>& paths);

}  // namespace ship
