#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace ship {

/// The directory of one spool: its lock, its names, and the files set aside in it. Movable.
class SpoolDirectory {
 public:
  /// Makes it (0700, and any missing parents) and locks it against every other process and spool
  /// until the object is destroyed; with `read_only` it does neither. Errors: config if another one
  /// holds the lock, or if the path is not a real directory; else those of Files.
  static Result<SpoolDirectory> open(Files& files, std::string path, bool read_only);

  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// All names but the lock's, sorted.
  Result<std::vector<std::string>> names();
  Result<void> sync() { return files_->sync_directory(path_); }

  /// Makes and locks it again if someone else removed it or its lock. Errors: as `open`.
  Result<void> restore();

  /// Renames NAME to NAME.bad, for people to look at, and removes the oldest of these if there are
  /// more than eight. Returns the new path.
  Result<std::string> set_aside(const std::string& name);
  /// Registers a *.bad file that already exists; call in ascending order.
  void found_aside(std::string name) { aside_.push_back(std::move(name)); }

 private:
  SpoolDirectory(Files& files, std::string path) : files_(&files), path_(std::move(path)) {}

  Result<void> take_lock();

  Files* files_;
  std::string path_;
  std::unique_ptr<File> lock_;
  FileStatus locked_;  ///< identifies the lock file
  std::deque<std::string> aside_;
};

}  // namespace ship
