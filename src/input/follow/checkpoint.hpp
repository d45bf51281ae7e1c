#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "input/follow/checkpoint_format.hpp"

namespace ship {

/// Up to where each followed file is done with, on disk. It is never ahead of the truth, and behind
/// it by no more than what was told last: each change is in a journal at once, which is not synced;
/// `sync` writes it all anew, safely. A disk that takes nothing holds nobody up: the files are read
/// on, and it is tried again. Thread-safe.
class Checkpoint {
 public:
  /// Reads what is there, if anything, and takes it for this process alone. Errors: config, where
  /// another process has it; io and transient, where it cannot be read or made.
  static Result<std::unique_ptr<Checkpoint>> open(Files& files, Clock& clock, std::string path,
                                                  LogFunction log);

  std::vector<FileEntry> entries() const;

  /// A file that is new, or known by another name or generation; its offset never goes back.
  void put(const FileEntry& entry);
  /// The file is no more.
  void remove(const RunId& run);
  /// These are done with. Files that are not known are not looked at.
  void settle(std::span<const FilePlace> places, std::span<const FileRange> ranges = {});

  /// Something was told since the last `sync`, and that is a while ago, or the journal is long.
  bool wants_sync() const;
  /// Returns once all that was told before is on stable storage, or could not be written, which is
  /// logged. One thread at a time.
  void sync();

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;

  Checkpoint(Files& files, Clock& clock, std::string path, LogFunction log);

  Result<std::string> read(const std::string& path) const;
  void load(std::string_view text);
  void load_journal(std::string_view text);
  bool apply(const CheckpointLine& line);
  static void raise(FileEntry& entry, std::uint64_t offset);
  void note(const std::string& lines);
  Result<void> write_anew(const std::string& text, std::uint64_t serial);
  void begin_journal();
  void failed(const Error& error);

  Files& files_;
  Clock& clock_;
  const std::string path_;
  const LogFunction log_;
  mutable std::mutex mutex_;  ///< held over a write to the journal, never over a sync
  std::map<Key, FileEntry> entries_;
  std::unique_ptr<File> journal_;
  std::uint64_t journal_size_ = 0;
  std::uint64_t serial_ = 0;
  bool journal_good_ = false;
  bool changed_ = false;
  bool syncing_ = false;
  std::string since_;  ///< lines that came while a sync was at work
  SteadyTime synced_at_{};
  bool failing_ = false;  ///< and it was said
};

}  // namespace ship
