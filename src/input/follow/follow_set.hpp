#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "input/follow/checkpoint.hpp"
#include "input/follow/directory_watch.hpp"
#include "input/follow/file_pattern.hpp"
#include "input/follow/followed_file.hpp"

namespace ship {

/// Which files are followed: what the patterns lead to, what those were before they were renamed,
/// and what the checkpoint knows of both. Finds them by a look at everything (`scan`) and by what
/// the directories tell. One thread.
class FollowSet {
 public:
  struct Options {
    std::vector<std::string> patterns;
    FollowStart start = FollowStart::checkpoint;
    Checkpoint* checkpoint = nullptr;  ///< null: none; outlives this object
    LogFunction log;
    /// Whether the shipper writes this file itself; its name.
    std::function<std::optional<std::string>(const struct stat&)> own_output;
  };

  explicit FollowSet(Options options);

  /// For poll(2); -1: none.
  int fd() const { return watch_.fd(); }
  /// Nothing happens that `take_events` does not tell.
  bool is_told_everything() const { return watch_.is_complete(); }
  /// Looks at all patterns and names: puts what is new or has grown into the queue.
  void scan(SteadyTime now);
  /// Takes what the directories tell. True: a `scan` is wanted.
  bool take_events(SteadyTime now);

  /// The next file to be read; null: none.
  FollowedFile* next();
  void enqueue(FollowedFile& file);
  bool has_queued() const { return !queue_.empty(); }

  /// Calls `take(FollowedFile&)` with each.
  template <class Take>
  void each(Take take) {
    for (auto& [node, file] : files_) take(*file);
  }
  std::size_t size() const { return files_.size(); }
  /// Follows it no longer; the object is gone. Where it has a name yet it stays known.
  void drop(FollowedFile& file);
  /// The file is known by another run from now on.
  void renew(FollowedFile& file);
  /// Says once what is wrong with a path.
  void complain(const std::string& path, LogLevel level, const std::string& text);

 private:
  void look_at(const std::string& path, bool plain, SteadyTime now);
  FollowedFile* add(const std::string& path, const struct stat& status, bool named, SteadyTime now);
  bool is_passed_over(const std::string& path, const struct stat& status);
  bool recognize(FollowedFile& file, const struct stat& status);
  void know_by(const std::string& path, FollowedFile& file);
  void find_renamed(SteadyTime now);
  bool fits(const std::string& path) const;
  void take_event(const DirectoryWatch::Event& event);

  Options options_;
  std::vector<FilePattern> patterns_;
  DirectoryWatch watch_;
  std::map<FileNode, std::unique_ptr<FollowedFile>> files_;
  std::unordered_map<std::string, FollowedFile*> by_path_;
  std::deque<FollowedFile*> queue_;
  std::vector<FileEntry> known_;  ///< of the checkpoint, and no file of `files_`
  std::set<std::string> complaints_;
  std::map<FileNode, std::pair<std::int64_t, std::int64_t>> passed_over_;  ///< size and time
  std::unordered_set<std::uint32_t> moves_;  ///< cookies of files that are followed
  std::unordered_set<std::string> moved_;    ///< what such files were renamed to
  bool first_scan_ = true;
  bool scan_wanted_ = false;
};

}  // namespace ship
