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
/// syncs them, compresses them, removes those beyond retention. Each round looks at what is in the
/// directory and not at what was asked for, so that a round after a crash mends what the crash
/// left: a temporary file is removed, a file that has its complete compressed twin is removed, one
/// that has none is compressed. Nothing that is not of the sink's own naming is touched.
class FileArchive {
 public:
  FileArchive(Files& files, const FileSinkSettings& settings, LogFunction log);
  /// Gives up what is under way; the next start takes it up again.
  ~FileArchive();

  /// Takes over a file that was rotated away; it is synced first. Starts the thread where needed.
  /// Never waits for the disk.
  void add(std::unique_ptr<File> rotated);
  /// Asks for a round without a new file, as at the start of a run.
  void tidy_soon();
  /// Waits until all that was asked for is done, or `stop` fires. Called by the thread that calls
  /// add.
  void finish(const std::stop_token& stop);

  /// One round, on the caller's thread; for tests.
  void tidy(const std::stop_token& stop);

 private:
  void request(std::unique_ptr<File> rotated);
  void run(const std::stop_token& stop);
  void sync(const std::vector<std::unique_ptr<File>>& rotated);
  void compress(const std::string& name, const std::stop_token& stop);
  void remove(const std::string& name);
  void complain(const Error& error);
  std::string path_of(const std::string& name) const;

  Files& files_;
  const FileSinkSettings settings_;
  const RotatedNames names_;
  const LogFunction log_;
  bool first_round_ = true;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::unique_ptr<File>> rotated_;
  bool asked_ = false;
  bool busy_ = false;
  std::jthread thread_;  ///< last: ends before what it uses
};

}  // namespace ship
