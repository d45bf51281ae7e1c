#include "input/follow/follow_set.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fnmatch.h>
#include <utility>

#include "base/files.hpp"
#include "input/decompressor.hpp"

namespace ship {
namespace {

/// Names that followed files were given; a scheme of rotation uses a few again and again.
constexpr std::size_t kMostMoved = 4096;

std::uint64_t size_of(const struct stat& status) {
  return static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
}

FileNode node_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

/// The names of a directory's entries by their inodes.
std::map<std::uint64_t, std::string> names_in(const std::string& directory) {
  std::map<std::uint64_t, std::string> names;
  auto listed = system_files().list(directory);
  if (!listed) return names;
  for (const std::string& name : listed.value()) {
    struct stat status {};
    const std::string path = directory + "/" + name;
    if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      names.emplace(status.st_ino, path);
    }
  }
  return names;
}

}  // namespace

FollowSet::FollowSet(Options options) : options_(std::move(options)) {
  for (const std::string& pattern : options_.patterns) patterns_.emplace_back(pattern);
  if (!options_.checkpoint) return;
  known_ = options_.checkpoint->entries();
  if (options_.start != FollowStart::beginning) return;
  for (const FileEntry& entry : known_) options_.checkpoint->remove(entry.run);
  known_.clear();
}

void FollowSet::complain(const std::string& path, LogLevel level, const std::string& text) {
  if (complaints_.insert(path).second) options_.log(level, text);
}

void FollowSet::scan(SteadyTime now) {
  scan_wanted_ = false;
  for (auto& [node, file] : files_) file->named = false;
  by_path_.clear();
  for (const FilePattern& pattern : patterns_) {
    for (const std::string& directory : pattern.directories()) watch_.add(directory);
    for (const std::string& path : pattern.paths()) {
      look_at(path, !pattern.has_wildcards(), now);
    }
  }
  if (first_scan_) find_renamed(now);
  first_scan_ = false;
  // What was renamed is older than what stands at its place now.
  for (auto& [node, file] : files_) {
    if (!file->named) enqueue(*file);
  }
  std::stable_partition(queue_.begin(), queue_.end(),
                        [](const FollowedFile* file) { return !file->named; });
}

void FollowSet::look_at(const std::string& path, bool plain, SteadyTime now) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const int code = errno;
    if (plain && code == ENOENT) {
      complain(path, LogLevel::info, "input " + path + " is not there yet: waiting for it");
    } else if (code != ENOENT) {
      complain(path, LogLevel::warning,
               system_error("input " + path + ": cannot look at", code).message + "; trying again");
    }
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    if (plain) {
      complain(path, LogLevel::warning,
               "input " + path +
                   " is not a regular file: only those are followed (for a directory give a "
                   "pattern such as " +
                   path + "/*.log)");
    }
    return;
  }
  const auto found = files_.find(node_of(status));
  if (found == files_.end()) {
    if (FollowedFile* file = add(path, status, true, now)) know_by(path, *file);
    return;
  }
  FollowedFile& file = *found->second;
  if (!file.named) file.set_path(path);
  file.named = true;
  know_by(path, file);
  if (size_of(status) != file.offset) enqueue(file);
}

// Through a link the directory of the file itself tells what happens to it.
void FollowSet::know_by(const std::string& path, FollowedFile& file) {
  by_path_[path] = &file;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return;
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return;
  by_path_[real] = &file;
  watch_.add(directory_of(real));
  std::free(real);
}

FollowedFile* FollowSet::add(const std::string& path, const struct stat& status, bool named,
                             SteadyTime now) {
  if (is_passed_over(path, status)) return nullptr;
  auto made = std::make_unique<FollowedFile>(path, status);
  FollowedFile& file = *made;
  if (auto opened = file.open(); !opened) {
    if (opened.error().code != ENOENT) {
      complain(path, LogLevel::warning, opened.error().message + "; trying again");
    }
    return nullptr;
  }
  complaints_.erase(path);
  if (!recognize(file, status) && first_scan_ && options_.start == FollowStart::end &&
      file.identify(true)) {
    file.seek_end(size_of(status));
    renew(file);
  }
  file.named = named;
  file.grew_at = file.read_at = now;
  // Most are idle: who is read is opened then.
  file.close();
  files_.emplace(file.node(), std::move(made));
  enqueue(file);
  return &file;
}

// Packed neighbours are what was shipped before, and what the shipper writes it must not read.
bool FollowSet::is_passed_over(const std::string& path, const struct stat& status) {
  const FileNode node = node_of(status);
  const std::pair<std::int64_t, std::int64_t> state(status.st_size, status.st_mtim.tv_sec);
  const auto found = passed_over_.find(node);
  if (found != passed_over_.end() && found->second == state) return true;
  if (found != passed_over_.end()) passed_over_.erase(found);
  std::string why;
  if (const auto own = options_.own_output ? options_.own_output(status) : std::nullopt) {
    why = "is " + *own;
  } else {
    FollowedFile file(path, status);
    std::string head(kPackingHead, '\0');
    if (!file.open()) return false;
    const auto got = file.read(0, head);
    if (!got) return false;
    const auto packing = packing_of(std::string_view(head).substr(0, got.value()), "");
    if (packing && packing.value() == Packing::none) return false;
    why = "is packed: it is taken for a rotated file that was shipped before";
  }
  complain(path, LogLevel::info, "input " + path + " " + why + ", and is not followed");
  passed_over_.emplace(node, state);
  return true;
}

bool FollowSet::recognize(FollowedFile& file, const struct stat& status) {
  const auto same_node = [&](const FileEntry& entry) {
    return FileNode{entry.device, entry.inode} == file.node();
  };
  // Numbers of devices may differ after a restart of the machine.
  const auto same_place = [&](const FileEntry& entry) {
    return entry.inode == file.node().inode && entry.path == file.path();
  };
  auto found = std::find_if(known_.begin(), known_.end(), same_node);
  const bool by_place = found == known_.end();
  if (by_place) found = std::find_if(known_.begin(), known_.end(), same_place);
  if (found == known_.end()) return false;
  const FileEntry entry = *found;
  file.go_on_from(entry);
  const bool same = file.begins_as_before() && size_of(status) >= entry.offset;
  if (!same && by_place) {
    file = FollowedFile(file.path(), status);
    static_cast<void>(file.open().ok());
    return false;
  }
  known_.erase(found);
  if (!same) {
    file.begin_anew();
    return true;
  }
  if (by_place || entry.path != file.path()) renew(file);
  return true;
}

// What was renamed while nobody looked is read to its end by its new name.
void FollowSet::find_renamed(SteadyTime now) {
  std::map<std::string, std::map<std::uint64_t, std::string>> directories;
  const std::vector<FileEntry> known = known_;
  for (const FileEntry& entry : known) {
    const std::string directory = directory_of(entry.path);
    const auto [found, fresh] = directories.try_emplace(directory);
    if (fresh) found->second = names_in(directory);
    if (found->second.empty()) continue;
    const auto name = found->second.find(entry.inode);
    struct stat status {};
    if (name != found->second.end() && ::stat(name->second.c_str(), &status) == 0) {
      if (size_of(status) > entry.offset) add(name->second, status, false, now);
      continue;
    }
    options_.checkpoint->remove(entry.run);
    std::erase_if(known_, [&](const FileEntry& other) { return other.run == entry.run; });
  }
}

void FollowSet::renew(FollowedFile& file) {
  if (!options_.checkpoint || !file.is_identified()) return;
  options_.checkpoint->put(file.entry());
  if (const auto former = std::exchange(file.former_run, std::nullopt)) {
    options_.checkpoint->remove(*former);
  }
}

void FollowSet::drop(FollowedFile& file) {
  if (options_.checkpoint && file.is_identified()) {
    if (file.removed) {
      options_.checkpoint->remove(file.run());
    } else {
      known_.push_back(file.entry());
    }
  }
  std::erase_if(by_path_, [&](const auto& known) { return known.second == &file; });
  std::erase(queue_, &file);
  files_.erase(file.node());
}

FollowedFile* FollowSet::next() {
  if (queue_.empty()) return nullptr;
  FollowedFile* const file = queue_.front();
  queue_.pop_front();
  file->queued = false;
  return file;
}

void FollowSet::enqueue(FollowedFile& file) {
  if (std::exchange(file.queued, true)) return;
  queue_.push_back(&file);
}

bool FollowSet::fits(const std::string& path) const {
  return by_path_.count(path) != 0 || moved_.count(path) != 0 ||
         std::any_of(patterns_.begin(), patterns_.end(), [&](const FilePattern& pattern) {
           return pattern.text() == path ||
                  ::fnmatch(pattern.text().c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
         });
}

bool FollowSet::take_events(SteadyTime now) {
  std::vector<std::string> moved;
  watch_.read([&](const DirectoryWatch::Event& event) {
    take_event(event);
    if (event.what == DirectoryWatch::What::moved_to && moved_.count(event.path) != 0) {
      moved.push_back(event.path);
    }
  });
  // A file that came and was renamed before anybody looked is followed by its new name.
  for (const std::string& path : moved) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (files_.count(node_of(status)) == 0) add(path, status, false, now);
  }
  if (moved_.size() > kMostMoved) moved_.clear();
  return scan_wanted_;
}

void FollowSet::take_event(const DirectoryWatch::Event& event) {
  switch (event.what) {
    case DirectoryWatch::What::changed: {
      const auto found = by_path_.find(event.path);
      if (found != by_path_.end()) enqueue(*found->second);
      return;
    }
    case DirectoryWatch::What::moved_from:
      if (moves_.size() > kMostMoved) moves_.clear();
      if (fits(event.path)) moves_.insert(event.cookie);
      break;
    case DirectoryWatch::What::moved_to:
      if (moves_.erase(event.cookie) > 0 && !event.path.empty()) moved_.insert(event.path);
      break;
    case DirectoryWatch::What::lost:
      for (auto& [node, file] : files_) enqueue(*file);
      break;
    case DirectoryWatch::What::appeared:
    case DirectoryWatch::What::gone:
      break;
  }
  scan_wanted_ = true;
}

}  // namespace ship
