#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/fd.hpp"

namespace ship {

/// What happens in directories, as inotify(7) tells it. Where there are no more watches, or none at
/// all, it is silent, and `is_complete` says so. One thread.
class DirectoryWatch {
 public:
  enum class What : std::uint8_t {
    changed,     ///< a file was written to, or cut
    appeared,    ///< something was made, or its rights are other ones
    moved_from,  ///< with `cookie`, which its `moved_to` has as well, where that is watched
    moved_to,
    gone,
    lost,  ///< too much happened to be told: look at everything
  };
  struct Event {
    What what = What::changed;
    std::string path;
    std::uint32_t cookie = 0;
  };

  DirectoryWatch();

  /// For POLLIN; -1 where there is none.
  int fd() const { return fd_.get(); }
  /// Watches `directory`, unless it does already; what the paths of its events begin with.
  void add(const std::string& directory);
  /// Every directory that was added is watched.
  bool is_complete() const { return complete_; }
  /// Everything that happened since the last call.
  void read(const std::function<void(const Event&)>& take);

 private:
  Fd fd_;
  bool complete_ = true;
  std::unordered_map<int, std::string> directories_;
  std::unordered_map<std::string, int> watches_;
};

}  // namespace ship
