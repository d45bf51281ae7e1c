#include "input/follow/directory_watch.hpp"

#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>
#include <vector>

namespace ship {
namespace {

constexpr std::uint32_t kEvents =
    IN_MODIFY | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
constexpr std::size_t kRoom = 64u << 10;

DirectoryWatch::What what_of(std::uint32_t mask) {
  if ((mask & IN_Q_OVERFLOW) != 0) return DirectoryWatch::What::lost;
  if ((mask & IN_MOVED_FROM) != 0) return DirectoryWatch::What::moved_from;
  if ((mask & IN_MOVED_TO) != 0) return DirectoryWatch::What::moved_to;
  if ((mask & (IN_CREATE | IN_ATTRIB)) != 0) return DirectoryWatch::What::appeared;
  if ((mask & IN_DELETE) != 0) return DirectoryWatch::What::gone;
  return DirectoryWatch::What::changed;
}

}  // namespace

DirectoryWatch::DirectoryWatch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  complete_ = static_cast<bool>(fd_);
}

void DirectoryWatch::add(const std::string& directory) {
  if (!fd_ || watches_.count(directory) != 0) return;
  const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(), kEvents);
  if (watch < 0) {
    complete_ = false;
    return;
  }
  // The same directory by another name keeps its first one.
  watches_.emplace(directory, watch);
  directories_.emplace(watch, directory);
}

void DirectoryWatch::read(const std::function<void(const Event&)>& take) {
  if (!fd_) return;
  std::vector<char> room(kRoom);
  while (true) {
    const ssize_t got = ::read(fd_.get(), room.data(), room.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, room.data() + at, sizeof event);
      const char* const name = room.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_IGNORED) != 0) {
        // The directory is gone, or its file system is.
        const auto found = directories_.find(event.wd);
        if (found == directories_.end()) continue;
        watches_.erase(found->second);
        directories_.erase(found);
        continue;
      }
      Event told;
      told.what = what_of(event.mask);
      told.cookie = event.cookie;
      const auto found = directories_.find(event.wd);
      if (found != directories_.end() && event.len > 0) {
        told.path = found->second == "/" ? "/" : found->second + "/";
        told.path += name;
      }
      take(told);
    }
  }
}

}  // namespace ship
