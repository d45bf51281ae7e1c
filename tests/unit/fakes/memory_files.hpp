#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"

namespace ship {

/// Files in memory that remember what was synced, crash back to it, and fail on demand.
/// Directories are implied: "/" and every directory made with `make_directory` exist, nothing else
/// does. Keep the object alive longer than the Files it handed out. Every method may be called from
/// any thread.
class MemoryFiles final : public Files {
 public:
  /// One call that the code under test makes, shown to `on_call` before it happens.
  struct Call {
    enum class Kind {
      open,
      write,
      read,
      sync,
      truncate,
      rename,
      remove,
      list,
      status,
      make_directory,
      sync_directory,
      lock
    };
    Kind kind;
    std::string path;
    std::size_t size = 0;  ///< bytes to write
  };

  MemoryFiles();
  ~MemoryFiles() override;

  // What tests set.

  /// What is asked before each operation: an errno is its failure, 0 lets it happen. May be set
  /// while other threads are at it; the question is put to one thread at a time, with no lock of
  /// the files held.
  class Hook {
   public:
    Hook& operator=(std::function<int(const Call&)> hook) {
      const std::lock_guard no_call(asking_);
      const std::lock_guard lock(mutex_);
      hook_ = std::move(hook);
      return *this;
    }
    explicit operator bool() { return get() != nullptr; }
    int operator()(const Call& call) {
      if (!get()) return 0;
      const std::lock_guard lock(asking_);
      const auto hook = get();
      return hook ? hook(call) : 0;
    }

   private:
    std::function<int(const Call&)> get() {
      const std::lock_guard lock(mutex_);
      return hook_;
    }

    std::recursive_mutex asking_;  // a hook may itself touch the files
    std::mutex mutex_;
    std::function<int(const Call&)> hook_;
  };
  Hook on_call;
  /// A write takes at most this many bytes.
  std::optional<std::size_t> max_write_bytes;
  /// Bytes that all files may grow by from now on; then writes are cut short and fail with ENOSPC.
  /// Removing or truncating a file gives its bytes back.
  std::optional<std::uint64_t> free_bytes;
  /// The operation of this number, counted from now (0: the next), and all later ones fail with
  /// EIO: the power is off until `crash()`. A write at that moment still takes `torn_write_bytes`
  /// of its bytes.
  void power_off_after(std::uint64_t operations, std::size_t torn_write_bytes = 0);
  bool power_is_off() const;

  // What tests do.

  /// The machine loses power: names revert to the last `sync_directory`, contents to the last
  /// `sync`, except that the first `unsynced_share` (0 to 1) of what was written since may have
  /// reached the disk. 1 with names kept as they are is `kill`: only the process died. Open files
  /// are dead afterwards.
  void crash(double unsynced_share = 0.0);
  /// The same by a disk that writes in any order: what was not synced may be there or not, each
  /// name, each file's new size and each sector of 512 bytes by itself, as `seed` has it.
  void crash_scrambled(std::uint64_t seed);
  /// The process dies (kill -9), the machine goes on: contents and names stay, open files are dead.
  void kill();

  // What tests look at.

  bool exists(const std::string& path) const;
  /// The content; empty where there is no such file.
  std::string content(const std::string& path) const;
  /// What a crash would leave of it.
  std::string synced_content(const std::string& path) const;
  void put(const std::string& path, std::string content);
  /// All files below `directory`, sorted, with the directory.
  std::vector<std::string> paths(const std::string& directory = "/") const;
  std::uint64_t operations() const;
  /// Sets `status().modified` of files written from now on.
  void set_time(WallNanos now);

  // Files.
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode,
                                     std::uint32_t permissions = 0640) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> rename_new(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<FileStatus> status(const std::string& path) override;
  Result<void> make_directory(const std::string& path, std::uint32_t permissions) override;
  Result<void> sync_directory(const std::string& directory) override;

 private:
  struct Node;
  class Handle;
  using NodePointer = std::shared_ptr<Node>;

  /// Counts the call and decides whether it fails.
  std::optional<Error> before(Call::Kind kind, const std::string& path, std::size_t size = 0);
  bool directory_exists(const std::string& directory) const;
  FileStatus status_of(const Node& node) const;

  mutable std::mutex mutex_;
  std::map<std::string, NodePointer> names_;
  std::map<std::string, NodePointer> synced_names_;
  std::set<std::string> directories_;  ///< survive every crash
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> power_off_at_;
  std::size_t torn_write_bytes_ = 0;
  std::uint64_t generation_ = 0;  ///< of the process; open files of an older one are dead
  std::uint64_t next_inode_ = 1;
  WallNanos now_ = 0;
};

}  // namespace ship
