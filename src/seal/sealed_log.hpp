#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/files.hpp"
#include "input/decompressor.hpp"

namespace ship {

/// The bytes of a log file, from front to back, unpacked if it is packed with gzip or zstd. One
/// thread.
class SealedLog {
 public:
  /// Errors: those of `Files`; corrupt, if it is packed with something else.
  static Result<SealedLog> open(Files& files, const std::string& path);

  /// Up to room.size() bytes; 0 is the end. Errors: those of `Files`; corrupt, if the packed data
  /// is damaged.
  Result<std::size_t> read(std::span<char> room);
  /// Continues at that byte, which must not be before the current position. False: the file ends
  /// before it.
  Result<bool> skip_to(std::uint64_t offset);
  std::uint64_t at() const { return at_; }
  /// How much of the file on disk was read, and its size.
  std::uint64_t taken() const { return taken_; }
  std::uint64_t size() const { return status_.size; }
  const FileStatus& status() const { return status_; }

 private:
  SealedLog() = default;

  std::unique_ptr<File> file_;
  FileStatus status_;
  std::unique_ptr<Decompressor> decompressor_;  ///< null: not packed
  std::uint64_t taken_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace ship
