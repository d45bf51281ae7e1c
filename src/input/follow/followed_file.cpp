#include "input/follow/followed_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace ship {
namespace {

Error failure(const std::string& path, const char* what, int code) {
  Error error = system_error(std::string("input ") + path + ": cannot " + what, code);
  return error;
}

std::optional<FileNode> node_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  return FileNode{status.st_dev, status.st_ino};
}

/// Without O_NONBLOCK the open of what has become a FIFO would wait for its writer.
Fd open_to_read(const std::string& path) {
  return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

/// What the file is called now in `directory`; empty: nothing there.
std::string name_of_inode(const std::string& directory, std::uint64_t inode) {
  DIR* const entries = ::opendir(directory.c_str());
  if (entries == nullptr) return {};
  std::string name;
  while (const dirent* entry = ::readdir(entries)) {
    if (entry->d_ino != inode) continue;
    name = entry->d_name;
    break;
  }
  ::closedir(entries);
  return name;
}

std::optional<std::string> read_head(int fd, std::size_t size) {
  std::string head(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got =
        ::pread(fd, head.data() + filled, size - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {};
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  head.resize(filled);
  return head;
}

RunId followed_run_id(const FileNode& node, std::uint64_t generation, const FileHead& head) {
  const std::array<std::uint64_t, 4> words = {node.device, node.inode, generation, head.hash};
  std::string bytes(sizeof words, '\0');
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return {hash_bytes(bytes, 2 * head.size), hash_bytes(bytes, 2 * head.size + 1)};
}

}  // namespace

FollowedFile::FollowedFile(std::string path, const struct stat& status)
    : node_{status.st_dev, status.st_ino}, path_(std::move(path)) {}

void FollowedFile::go_on_from(const FileEntry& entry) {
  run_ = entry.run;
  head_ = entry.head;
  generation_ = entry.generation;
  offset = settled = scanned = entry.offset;
  done = entry.done;
  std::sort(done.begin(), done.end());
}

FileEntry FollowedFile::entry() const {
  return {run_, node_.device, node_.inode, generation_, head_, settled, path_, {}};
}

Result<void> FollowedFile::open() {
  if (fd_) return {};
  Fd fd = open_to_read(path_);
  int code = errno;
  if (fd && node_of(fd.get()) != node_) {
    fd.reset();
    code = ENOENT;
  }
  if (!fd && code == ENOENT) {
    const std::string directory = directory_of(path_);
    const std::string name = name_of_inode(directory, node_.inode);
    if (name.empty()) return failure(path_, "open", ENOENT);
    const std::string other = directory + "/" + name;
    fd = open_to_read(other);
    code = errno;
    if (fd && node_of(fd.get()) != node_) return failure(path_, "open", ENOENT);
  }
  if (!fd) return failure(path_, "open", code);
  fd_ = std::move(fd);
  return {};
}

Result<struct stat> FollowedFile::status() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return failure(path_, "look at", errno);
  return status;
}

Result<std::size_t> FollowedFile::read(std::uint64_t at, std::span<char> room) const {
  while (true) {
    const ssize_t got = ::pread(fd_.get(), room.data(), room.size(), static_cast<off_t>(at));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return failure(path_, "read", errno);
  }
}

bool FollowedFile::begins_as_before() const {
  if (head_.size == 0) return true;
  const auto head = read_head(fd_.get(), head_.size);
  return head && head->size() == head_.size && hash_bytes(*head, 0) == head_.hash;
}

bool FollowedFile::identify(bool whole) {
  if (head_.size > 0) return true;
  const auto head = read_head(fd_.get(), kFingerprintBytes);
  if (!head || head->empty()) return false;
  const std::size_t newline = head->find('\n');
  std::size_t size = newline + 1;
  if (newline == std::string::npos) {
    if (!whole && head->size() < kFingerprintBytes) return false;
    size = head->size();
  }
  head_ = {size, hash_bytes(std::string_view(*head).substr(0, size), 0)};
  run_ = followed_run_id(node_, generation_, head_);
  return true;
}

void FollowedFile::begin_anew() {
  ++generation_;
  if (head_.size > 0) former_run = run_;
  head_ = {};
  run_ = {};
  offset = settled = scanned = 0;
  partial_since.reset();
  done.clear();
}

void FollowedFile::seek_end(std::uint64_t size) {
  std::array<char, 64u << 10> tail;
  const std::uint64_t from = size - std::min<std::uint64_t>(size, tail.size());
  const auto got = read(from, {tail.data(), static_cast<std::size_t>(size - from)});
  offset = from == 0 ? 0 : size;
  if (got && got.value() > 0) {
    const void* newline = ::memrchr(tail.data(), '\n', got.value());
    if (newline != nullptr) {
      offset =
          from + static_cast<std::uint64_t>(static_cast<const char*>(newline) - tail.data()) + 1;
    }
  }
  settled = scanned = offset;
}

Unwrap unwrap_of(const std::string& path, Unwrap setting) {
  if (setting != Unwrap::none) return setting;
  return path.find("/docker/containers/") != std::string::npos ? Unwrap::docker : Unwrap::none;
}

}  // namespace ship
