#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "delivery/dead_letter.hpp"

namespace ship {

struct DeadLettersOptions {
  std::string path;
  std::uint64_t rotate_bytes = 64u << 20;
  /// The file itself and its rotated ones, PATH.1 (the youngest) to PATH.3; the oldest is removed.
  std::uint32_t files = 4;
  /// Returns what may be kept of an input line; none: nothing. Called by one thread. If empty,
  /// lines are kept as they came.
  std::function<std::optional<std::string>(std::string_view)> redact = {};
};

/// The dead-letter file of a run, shared by all its lanes. 0600; never follows a link; bounded by
/// rotation. Several processes may share a path: each write goes to the end of the file that is at
/// the path at that moment. Syncs at most once a second, at a rotation and at the end.
class DeadLetters {
 public:
  /// `files` and `clock` outlive it. Errors: config if a directory, link or device is at the path,
  /// io if it cannot be written; a temporary disk failure is only logged.
  static Result<std::unique_ptr<DeadLetters>> open(Files& files, Clock& clock,
                                                   DeadLettersOptions options, LogFunction log);
  /// Waits for the thread of `post`, see `close`.
  ~DeadLetters();

  /// Writes the letters in order and returns how many are written, from the first on; count the
  /// others as `rejected`. Logs a failure once, and the recovery once. Any thread; may wait for the
  /// disk, but gives up after some seconds if the disk already hangs for another thread.
  std::size_t write(std::span<const DeadLetter> letters);

  /// The same for one input line under `on_invalid = dead_letter`, for the reader's thread: never
  /// waits for the disk. A separate thread writes it; when more than 1 MB is waiting, lines are
  /// left out, which is logged.
  void post(std::string_view line, std::string_view reason, const RecordId& id);

  /// Reopens the path before the next write (SIGHUP). Any thread.
  void reopen() { reopen_ = true; }

  /// Waits until all posted lines are written, at most until `deadline`, then syncs. False: the
  /// disk hangs, and the destructor will hang too. No `post` afterwards.
  bool close(SteadyTime deadline);

 private:
  struct Posted {
    std::string line;
    std::string reason;
    RecordId id;
  };

  DeadLetters(Files& files, Clock& clock, DeadLettersOptions options, LogFunction log,
              ParkedThread thread);

  // The caller holds the turn.
  Result<void> ensure_open();
  Result<void> open_file();
  /// Writes `text_`; `done` is how many bytes of it are in the file.
  Result<void> write_text(std::size_t& done);
  void rotate();
  std::string rotated(std::uint32_t number) const;
  void sync_sometimes();
  void tell(const Result<void>& result, std::uint64_t lost);

  void write_posted();
  void redact(Posted& posted) const;

  Files& files_;
  Clock& clock_;
  const DeadLettersOptions options_;
  const LogFunction log_;

  std::atomic<bool> reopen_ = false;
  /// Whose turn at the file it is. Not a timed mutex, because the thread sanitizer does not support
  /// those.
  class Turn;
  std::mutex turn_;
  std::condition_variable turn_ended_;
  bool writing_ = false;
  std::unique_ptr<File> file_;
  FileStatus opened_;       ///< which file file_ is
  std::uint64_t size_ = 0;  ///< of the file, as far as this process knows
  bool torn_ = false;       ///< its last line has no newline

  SteadyTime synced_at_{};
  bool failing_ = false;
  std::uint64_t lost_ = 0;  ///< while failing
  std::string text_;
  std::vector<std::size_t> ends_;  ///< of the letters in text_

  std::mutex posting_;
  std::condition_variable posted_changed_;
  std::deque<Posted> posted_;
  std::size_t posted_bytes_ = 0;
  std::uint64_t left_out_ = 0;
  bool busy_ = false;
  bool closing_ = false;
  ParkedThread thread_;
};

}  // namespace ship
