#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "delivery/dead_letter.hpp"

namespace ship {

/// Moves dead-letter files out of their writers' way and reads them, so that they can be sent
/// again. The files become NAME.replay, locked against a second replay; what fails again is written
/// to the old name as usual. If a replay dies, its *.replay files stay, and the next one begins
/// with them: at least once. One thread.
class DeadLetterReplay {
 public:
  /// Claims `path`, its rotated files, and what an earlier replay left; the oldest is read first.
  /// Errors: io if there is nothing to replay, config if another replay is running; those of Files.
  static Result<DeadLetterReplay> open(Files& files, const std::string& path);

  /// `malformed`: a line that is not a dead letter; `letter.record` holds it, so that it can be
  /// kept.
  enum class Next : std::uint8_t { letter, malformed, end };
  /// The next line that is not blank. Lines over 64 MB come in pieces, as malformed. Errors: those
  /// of File.
  Result<Next> next(StoredDeadLetter& letter);

  /// The size of all files, and how much has been read; for a progress bar.
  std::uint64_t total_bytes() const { return total_bytes_; }
  std::uint64_t read_bytes() const { return read_bytes_; }

  /// Every letter has been dealt with: removes the files. Errors: those of Files.
  Result<void> finish();

 private:
  struct Claimed {
    std::string path;
    std::unique_ptr<File> lock;
    std::unique_ptr<File> file;
  };

  explicit DeadLetterReplay(Files& files) : files_(&files) {}
  Result<void> claim(const std::string& from, std::string to);
  Result<bool> read_more();

  Files* files_;
  std::vector<Claimed> claimed_;
  std::size_t current_ = 0;
  std::uint64_t offset_ = 0;  ///< in the current file, of what is not yet in the buffer
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what is left in the buffer
  std::uint64_t total_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
};

}  // namespace ship
