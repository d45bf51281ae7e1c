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

/// Takes care of the rotated files of one sink, on its own thread so that no line waits for it:
/// syncs them, compresses them, and removes those beyond retention. The first round, and each one
/// after a failure, looks at what is in the directory instead of what was requested, so that a
/// round after a crash repairs what the crash left: it removes a temporary file, removes a file
/// whose compressed twin is complete, and compresses one without a twin. Touches only files that
/// follow the sink's own naming.
class FileArchive {
 public:
  FileArchive(Files& files, const FileSinkSettings& settings, LogFunction log);
  /// Gives up the work in progress; the next start resumes it.
  ~FileArchive();

  /// The most rotated files that are open at once: they wait for their sync, and compression may
  /// take long.
  static constexpr std::size_t kMaxOpen = 8;

  /// Takes over a file that was rotated away to `path`; it is synced first. Starts the thread if
  /// needed; if none can be made, the round waits for the next file. Waits for the disk only if
  /// files rotate faster than it syncs them: the caller then syncs this one itself or, if fsync is
  /// `never`, closes it as it is.
  void add(std::unique_ptr<File> rotated, const std::string& path);
  /// Asks for a round without a new file, as at the start of a run.
  void tidy_soon();
  /// Waits until everything requested is done, or `stop` fires. Called by the thread that calls
  /// add.
  void finish(const std::stop_token& stop);

  /// Runs one round that scans the directory, on the caller's thread; for tests.
  void tidy(const std::stop_token& stop);

 private:
  void request();
  void run(const std::stop_token& stop);
  void tidy(std::vector<std::string> names, const std::stop_token& stop);
  void sync(const std::vector<std::unique_ptr<File>>& rotated);
  /// The names of this sink's uncompressed rotated files, by age; repairs leftovers.
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
  bool looks_around_ = true;  ///< the next round scans the directory
  bool complained_ = false;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<File>> rotated_;
  std::vector<std::string> names_to_do_;  ///< beyond kMaxNames: the next round scans the directory
  bool asked_ = false;
  bool busy_ = false;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace ship
