#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/log.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/file/rotation.hpp"

namespace ship {

/// Looks after the rotated files of one sink, on a thread of its own so that no line waits for it:
/// syncs them, compresses them, removes those beyond retention. The first round, and each one after
/// something went wrong, looks at what is in the directory and not at what was asked for, so that a
/// round after a crash puts right what the crash left: a temporary file is removed, a file that has
/// its complete compressed twin is removed, one that has none is compressed. Nothing that is not of
/// the sink's own naming is touched.
class FileArchive {
 public:
  FileArchive(Files& files, const FileSinkSettings& settings, LogFunction log);
  /// Gives up what is under way; the next start takes it up again.
  ~FileArchive();

  /// The most rotated files that are open at a time: they wait for their sync, and compression may
  /// take long.
  static constexpr std::size_t kMaxOpen = 8;

  /// Takes over a file that was rotated away to `path`; it is synced first. Starts the thread where
  /// needed; where there is none to be had, the round waits for the next file. Never waits for the disk, but where files rotate faster than it syncs them: then the
  /// caller syncs this one itself, or where fsync is `never` closes it as it is.
  void add(std::unique_ptr<File> rotated, const std::string& path);
  /// Asks for a round without a new file, as at the start of a run.
  void tidy_soon();
  /// Waits until all that was asked for is done, or `stop` fires. Called by the thread that calls
  /// add.
  void finish(const std::stop_token& stop);

  /// One round that looks around, on the caller's thread; for tests.
  void tidy(const std::stop_token& stop);

 private:
  void request();
  void run(const std::stop_token& stop);
  void tidy(std::vector<std::string> names, const std::stop_token& stop);
  void sync(const std::vector<std::unique_ptr<File>>& rotated);
  /// The names of this sink's rotated files that are not compressed, by age; mends what is there.
  std::vector<std::string> look_around();
  void apply_retention();
  void compress(const std::string& name, const std::stop_token& stop);
  void remove(const std::string& name);
  void complain(const Error& error);
  std::string path_of(const std::string& name) const;

  Files& files_;
  const FileSinkSettings settings_;
  const RotatedNames names_;
  const LogFunction log_;
  bool first_round_ = true;
  bool looks_around_ = true;  ///< the next round does not trust what it was told
  bool complained_ = false;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<File>> rotated_;
  std::vector<std::string> names_to_do_;  ///< beyond kMaxNames: the next round looks around
  bool asked_ = false;
  bool busy_ = false;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace ship
