#include "spool/spool_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>

namespace ship {
namespace {

constexpr std::string_view kLock = "lock";
constexpr std::size_t kMaxAside = 8;

Result<void> make_directories(Files& files, const std::string& path) {
  const auto there = files.status(path);
  if (there) {
    if (there.value().kind == FileStatus::Kind::directory) return {};
    const bool link = there.value().kind == FileStatus::Kind::link;
    return Error{ErrorKind::config,
                 path + (link ? " is a symbolic link; name the directory itself"
                              : " exists, but is not a directory; name another one"),
                 0};
  }
  if (there.error().code != ENOENT) return there.error();
  const std::string parent = directory_of(path);
  // Links above the last component are fine: whoever can change those is in control anyway.
  if (parent != path && files.status(parent).ok() == false) {
    if (auto made = make_directories(files, parent); !made) return made;
  }
  return files.make_directory(path, 0700);
}

/// What the other process wrote into its lock file: " (process 4711)", or nothing.
std::string owner(Files& files, const std::string& path) {
  auto file = files.open(path, OpenMode::read);
  if (!file) return {};
  std::array<char, 16> text;
  const auto n = file.value()->read_at(0, text.data(), text.size());
  if (!n) return {};
  std::string pid(text.data(), n.value());
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  return number ? " (process " + pid + ")" : std::string();
}

}  // namespace

Result<SpoolDirectory> SpoolDirectory::open(Files& files, std::string path, bool read_only) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  SpoolDirectory directory(files, std::move(path));
  if (read_only) return directory;
  if (auto locked = directory.take_lock(); !locked) return std::move(locked).error();
  return directory;
}

Result<void> SpoolDirectory::take_lock() {
  if (auto made = make_directories(*files_, path_); !made) {
    return std::move(made).error().in("spool");
  }
  const std::string lock_path = path_of(kLock);
  auto file = files_->open(lock_path, OpenMode::append, 0600);
  if (!file) return std::move(file).error().in("spool");
  if (auto locked = file.value()->lock(); !locked) {
    if (locked.error().kind != ErrorKind::transient) return std::move(locked).error().in("spool");
    return Error{ErrorKind::config,
                 "spool: another fapilog-ship" + owner(*files_, lock_path) + " uses " + path_ +
                     "; give each its own directory",
                 locked.error().code};
  }
  auto status = file.value()->status();
  if (!status) return std::move(status).error().in("spool");
  lock_ = std::move(file).value();
  locked_ = status.value();
  // The number is for people; a full disk must not keep the spool from opening.
  if (lock_->truncate(0)) {
    [[maybe_unused]] const auto written = lock_->write(std::to_string(::getpid()) + "\n").ok();
  }
  return {};
}

Result<void> SpoolDirectory::restore() {
  const auto there = files_->status(path_of(kLock));
  if (there && there.value().same_file(locked_)) return {};
  return take_lock();
}

Result<std::vector<std::string>> SpoolDirectory::names() {
  auto names = files_->list(path_);
  if (!names) return std::move(names).error().in("spool");
  std::vector<std::string> found = std::move(names).value();
  found.erase(std::remove(found.begin(), found.end(), kLock), found.end());
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::string> SpoolDirectory::set_aside(const std::string& name) {
  const std::string aside = name + ".bad";
  if (auto renamed = files_->rename(path_of(name), path_of(aside)); !renamed) {
    return std::move(renamed).error();
  }
  aside_.push_back(aside);
  while (aside_.size() > kMaxAside) {
    [[maybe_unused]] const auto removed = files_->remove(path_of(aside_.front())).ok();
    aside_.pop_front();
  }
  return path_of(aside);
}

}  // namespace ship
