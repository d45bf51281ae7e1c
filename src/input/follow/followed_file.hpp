#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "input/follow/checkpoint_format.hpp"
#include "input/intake.hpp"

namespace ship {

inline constexpr std::size_t kFingerprintBytes = 1024;

/// A file by itself, whatever it is called.
struct FileNode {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileNode&, const FileNode&) = default;
  friend auto operator<=>(const FileNode&, const FileNode&) = default;
};

/// One file that is followed, and how far it was read. One thread.
class FollowedFile {
 public:
  FollowedFile(std::string path, const struct stat& status);

  const FileNode& node() const { return node_; }
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }

  /// What is known of it from a former run; `path` and node stay those of today.
  void go_on_from(const FileEntry& entry);
  /// For the checkpoint; its run is known.
  FileEntry entry() const;

  /// Opens it by its path, or by another name in that directory where it was renamed. Errors: io
  /// and transient, with the path; ENOENT, where no name leads to it any more.
  Result<void> open();
  void close() { fd_.reset(); }
  bool is_open() const { return static_cast<bool>(fd_); }
  /// Of the open file.
  Result<struct stat> status() const;
  /// At `offset`. Errors: io.
  Result<std::size_t> read(std::uint64_t offset, std::span<char> room) const;

  /// Whether it begins as it did; it is open. True where the beginning is not known yet.
  bool begins_as_before() const;
  /// Finds out by what its records are known, if enough of it is there; `whole`: what is there is
  /// enough. False: not yet.
  bool identify(bool whole);
  bool is_identified() const { return head_.size > 0; }
  const RunId& run() const { return run_; }
  /// It was cut, or is another file with the same number: it is read from the beginning, and its
  /// records are others.
  void begin_anew();

  /// Moves the offset to behind the last newline; it is open. A long line is not read from its
  /// middle on, unless it is longer than 64 KB.
  void seek_end(std::uint64_t size);

  std::uint64_t offset = 0;   ///< what comes next
  std::uint64_t settled = 0;  ///< what was said to be read
  /// No newline stands in [offset, scanned): the last line is long and not over yet.
  std::uint64_t scanned = 0;
  std::optional<SteadyTime> partial_since;  ///< when its last line was first seen without newline
  std::unique_ptr<WaitingLines> waiting;
  /// Where records begin, first and last, that a former run has done with; ascending by the first.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> done;
  std::optional<RunId> former_run;  ///< by which it was known before `begin_anew`
  bool queued = false;              ///< it is to be read
  bool named = true;                ///< a pattern leads to it
  bool removed = false;             ///< no name leads to it any more
  SteadyTime grew_at{};
  SteadyTime read_at{};

 private:
  FileNode node_;
  std::string path_;
  Fd fd_;
  RunId run_;
  FileHead head_;
  std::uint64_t generation_ = 0;
};

/// What stands around the lines of a file in this place: Docker keeps its containers' logs below
/// …/docker/containers/. The runtimes of Kubernetes need no word: their lines tell it.
Unwrap unwrap_of(const std::string& path, Unwrap setting);

}  // namespace ship
