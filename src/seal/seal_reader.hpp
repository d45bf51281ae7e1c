#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "seal/seal_entry.hpp"

namespace ship {

/// Reads the lines of a file one by one. One thread.
class SealReader {
 public:
  /// Reads from `offset` on. The file outlives the reader.
  explicit SealReader(File& file, std::uint64_t offset = 0) : file_(file), offset_(offset) {}

  /// The next line, without its newline, valid until the next call; none at the end. Errors: those
  /// of `Files`.
  Result<std::optional<std::string_view>> next();
  /// Where the line of the last `next` begins, and where the following one does.
  std::uint64_t line_at() const { return line_at_; }
  std::uint64_t next_at() const { return offset_ + begin_; }
  /// At the end: how many bytes are left after the last newline.
  std::uint64_t rest() const { return buffer_.size() - begin_; }

 private:
  File& file_;
  std::uint64_t offset_ = 0;  ///< in the file, of the buffer's first byte
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what was not yet handed out
  std::uint64_t line_at_ = 0;
};

/// The end of a seal, where it continues.
struct SealTail {
  SealEntry first;           ///< the first line of the file: an open entry
  SealEntry last;            ///< the last complete line
  std::string last_hash;     ///< of that line
  std::uint64_t sealed = 0;  ///< where the sealed bytes end in the log file
  std::uint64_t size = 0;    ///< of the seal, up to its last newline
};

/// Finds the end of the seal at `path`; none if it has no line yet. Errors: those of `Files`;
/// corrupt, if it cannot be read as a seal.
Result<std::optional<SealTail>> read_seal_tail(Files& files, const std::string& path);

}  // namespace ship
