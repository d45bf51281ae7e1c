#include "tests/unit/fakes/memory_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <random>

namespace ship {

struct MemoryFiles::Node {
  std::uint64_t inode = 0;
  std::string content;
  std::string synced;
  WallNanos modified = 0;
  bool locked = false;
};

class MemoryFiles::Handle final : public File {
 public:
  Handle(MemoryFiles& files, NodePointer node, std::string path, bool writable)
      : files_(files),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        generation_(files.generation_) {}
  ~Handle() override {
    const std::lock_guard guard(files_.mutex_);
    if (has_lock_ && generation_ == files_.generation_) node_->locked = false;
  }

  Result<std::size_t> write(std::string_view bytes) override { return store({}, bytes); }

  Result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) override {
    return store(offset, bytes);
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    if (auto error = files_.before(Call::Kind::read, path_, size)) return *std::move(error);
    const std::lock_guard guard(files_.mutex_);
    if (generation_ != files_.generation_) return failed("read", EIO);
    if (offset >= node_->content.size()) return std::size_t{0};
    return node_->content.copy(into, size, static_cast<std::size_t>(offset));
  }

  Result<void> sync() override {
    if (auto error = files_.before(Call::Kind::sync, path_)) return *std::move(error);
    const std::lock_guard guard(files_.mutex_);
    if (generation_ != files_.generation_) return failed("sync", EIO);
    node_->synced = node_->content;
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (auto error = files_.before(Call::Kind::truncate, path_)) return *std::move(error);
    const std::lock_guard guard(files_.mutex_);
    if (generation_ != files_.generation_) return failed("truncate", EIO);
    if (files_.free_bytes && size < node_->content.size()) {
      *files_.free_bytes += node_->content.size() - size;
    }
    node_->content.resize(static_cast<std::size_t>(size));
    node_->modified = files_.now_;
    return {};
  }

  Result<FileStatus> status() override {
    if (auto error = files_.before(Call::Kind::status, path_)) return *std::move(error);
    const std::lock_guard guard(files_.mutex_);
    return files_.status_of(*node_);
  }

  Result<void> lock() override {
    if (auto error = files_.before(Call::Kind::lock, path_)) return *std::move(error);
    const std::lock_guard guard(files_.mutex_);
    if (node_->locked) return failed("lock", EAGAIN);
    node_->locked = has_lock_ = true;
    return {};
  }

  int descriptor() const override { return -1; }

 private:
  Error failed(const std::string& what, int code) const {
    return system_error("cannot " + what + " " + path_, code);
  }

  /// Writes at `offset`; none: at the end.
  Result<std::size_t> store(std::optional<std::uint64_t> offset, std::string_view bytes) {
    if (!writable_) return failed("write", EBADF);
    auto error = files_.before(Call::Kind::write, path_, bytes.size());
    const std::lock_guard guard(files_.mutex_);
    if (generation_ != files_.generation_) return failed("write", EIO);
    std::string& content = node_->content;
    const auto at = static_cast<std::size_t>(offset.value_or(content.size()));
    std::size_t size = bytes.size();
    if (error) {
      if (!files_.power_off_at_ || files_.torn_write_bytes_ == 0) return *std::move(error);
      size = std::min(size, files_.torn_write_bytes_);
      files_.torn_write_bytes_ = 0;
    } else {
      if (files_.max_write_bytes) size = std::min(size, *files_.max_write_bytes);
      if (files_.free_bytes && at + size > content.size()) {
        const std::size_t room = content.size() + static_cast<std::size_t>(*files_.free_bytes);
        if (at >= room) return failed("write", ENOSPC);
        size = std::min(size, room - at);
        *files_.free_bytes -= std::max(at + size, content.size()) - content.size();
      }
    }
    if (at + size > content.size()) content.resize(at + size);
    content.replace(at, size, bytes.substr(0, size));
    if (error) return *std::move(error);
    node_->modified = files_.now_;
    return size;
  }

  MemoryFiles& files_;
  NodePointer node_;
  std::string path_;
  bool writable_;
  bool has_lock_ = false;
  std::uint64_t generation_;
};

MemoryFiles::MemoryFiles() { directories_.insert("/"); }
MemoryFiles::~MemoryFiles() = default;

void MemoryFiles::power_off_after(std::uint64_t operations, std::size_t torn_write_bytes) {
  const std::lock_guard guard(mutex_);
  power_off_at_ = operations_ + operations;
  torn_write_bytes_ = torn_write_bytes;
}

bool MemoryFiles::power_is_off() const {
  const std::lock_guard guard(mutex_);
  return power_off_at_ && operations_ > *power_off_at_;
}

void MemoryFiles::crash(double unsynced_share) {
  const std::lock_guard guard(mutex_);
  names_ = synced_names_;
  for (auto& [path, node] : names_) {
    std::string& content = node->content;
    const std::string& synced = node->synced;
    if (content.size() > synced.size() && content.compare(0, synced.size(), synced) == 0) {
      const double unsynced = static_cast<double>(content.size() - synced.size());
      content.resize(synced.size() +
                     static_cast<std::size_t>(std::floor(unsynced * unsynced_share)));
    } else {
      content = synced;
    }
    node->synced = content;
    node->locked = false;
  }
  ++generation_;
  power_off_at_.reset();
  torn_write_bytes_ = 0;
}

void MemoryFiles::crash_scrambled(std::uint64_t seed) {
  constexpr std::size_t kSector = 512;
  const std::lock_guard guard(mutex_);
  std::mt19937_64 random(seed);
  const auto heads = [&random] { return (random() & 1) != 0; };
  for (const auto& [path, node] : names_) {
    if (synced_names_.count(path) == 0 && heads()) synced_names_[path] = node;
  }
  for (auto name = synced_names_.begin(); name != synced_names_.end();) {
    const auto now = names_.find(name->first);
    const bool gone = now == names_.end();
    if (!gone && now->second != name->second && heads()) name->second = now->second;
    name = gone && heads() ? synced_names_.erase(name) : std::next(name);
  }
  names_ = synced_names_;
  for (auto& [path, node] : names_) {
    const std::string& written = node->content;
    std::string content = node->synced;
    if (heads()) content.resize(written.size());
    for (std::size_t at = 0; at < std::min(content.size(), written.size()); at += kSector) {
      const std::size_t size = std::min({kSector, content.size() - at, written.size() - at});
      if (heads()) content.replace(at, size, written, at, size);
    }
    node->content = node->synced = std::move(content);
    node->locked = false;
  }
  ++generation_;
  power_off_at_.reset();
  torn_write_bytes_ = 0;
}

void MemoryFiles::kill() {
  const std::lock_guard guard(mutex_);
  for (auto& [path, node] : names_) node->locked = false;
  ++generation_;
  power_off_at_.reset();
  torn_write_bytes_ = 0;
}

bool MemoryFiles::exists(const std::string& path) const {
  const std::lock_guard guard(mutex_);
  return names_.count(path) != 0;
}

std::string MemoryFiles::content(const std::string& path) const {
  const std::lock_guard guard(mutex_);
  const auto found = names_.find(path);
  return found == names_.end() ? std::string() : found->second->content;
}

std::string MemoryFiles::synced_content(const std::string& path) const {
  const std::lock_guard guard(mutex_);
  const auto found = synced_names_.find(path);
  return found == synced_names_.end() ? std::string() : found->second->synced;
}

void MemoryFiles::put(const std::string& path, std::string content) {
  const std::lock_guard guard(mutex_);
  auto node = std::make_shared<Node>();
  node->inode = next_inode_++;
  node->synced = content;
  node->content = std::move(content);
  node->modified = now_;
  names_[path] = node;
  synced_names_[path] = node;
}

std::vector<std::string> MemoryFiles::paths(const std::string& directory) const {
  const std::lock_guard guard(mutex_);
  const std::string prefix = directory == "/" ? "/" : directory + "/";
  std::vector<std::string> found;
  for (const auto& [path, node] : names_) {
    if (path.compare(0, prefix.size(), prefix) == 0) found.push_back(path);
  }
  return found;
}

std::uint64_t MemoryFiles::operations() const {
  const std::lock_guard guard(mutex_);
  return operations_;
}

void MemoryFiles::set_time(WallNanos now) {
  const std::lock_guard guard(mutex_);
  now_ = now;
}

std::optional<Error> MemoryFiles::before(Call::Kind kind, const std::string& path,
                                         std::size_t size) {
  {
    const std::lock_guard guard(mutex_);
    const std::uint64_t number = operations_++;
    if (power_off_at_ && number >= *power_off_at_) {
      if (kind != Call::Kind::write) torn_write_bytes_ = 0;
      return system_error("the power is off: " + path, EIO);
    }
  }
  const int code = on_call(Call{kind, path, size});
  if (code == 0) return std::nullopt;
  return system_error("injected: " + path, code);
}

bool MemoryFiles::directory_exists(const std::string& directory) const {
  return directories_.count(directory) != 0;
}

FileStatus MemoryFiles::status_of(const Node& node) const {
  FileStatus status;
  status.kind = FileStatus::Kind::regular;
  status.size = node.content.size();
  status.device = 1;
  status.inode = node.inode;
  status.modified = node.modified;
  return status;
}

Result<std::unique_ptr<File>> MemoryFiles::open(const std::string& path, OpenMode mode,
                                                std::uint32_t) {
  if (auto error = before(Call::Kind::open, path)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  const std::string what = "cannot open " + path;
  if (directory_exists(path)) return system_error(what, EISDIR);
  if (!directory_exists(directory_of(path))) return system_error(what, ENOENT);
  auto found = names_.find(path);
  const bool creates = mode == OpenMode::create_new || mode == OpenMode::create_update;
  if (found != names_.end() && creates) return system_error(what, EEXIST);
  if (found == names_.end()) {
    if (mode == OpenMode::read || mode == OpenMode::update) return system_error(what, ENOENT);
    auto node = std::make_shared<Node>();
    node->inode = next_inode_++;
    node->modified = now_;
    found = names_.emplace(path, std::move(node)).first;
  }
  return std::unique_ptr<File>(
      std::make_unique<Handle>(*this, found->second, path, mode != OpenMode::read));
}

Result<void> MemoryFiles::rename(const std::string& from, const std::string& to) {
  if (auto error = before(Call::Kind::rename, from)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  const auto found = names_.find(from);
  if (found == names_.end() || !directory_exists(directory_of(to))) {
    return system_error("cannot rename " + from + " to " + to, ENOENT);
  }
  NodePointer node = found->second;
  names_.erase(found);
  names_[to] = std::move(node);
  return {};
}

Result<void> MemoryFiles::rename_new(const std::string& from, const std::string& to) {
  if (exists(to)) return system_error("cannot rename " + from + " to " + to, EEXIST);
  return rename(from, to);
}

Result<void> MemoryFiles::remove(const std::string& path) {
  if (auto error = before(Call::Kind::remove, path)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  const auto found = names_.find(path);
  if (found == names_.end()) return system_error("cannot remove " + path, ENOENT);
  if (free_bytes) *free_bytes += found->second->content.size();
  names_.erase(found);
  return {};
}

Result<std::vector<std::string>> MemoryFiles::list(const std::string& directory) {
  if (auto error = before(Call::Kind::list, directory)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  if (!directory_exists(directory)) return system_error("cannot list " + directory, ENOENT);
  std::vector<std::string> names;
  for (const auto& [path, node] : names_) {
    if (directory_of(path) == directory) names.emplace_back(name_of(path));
  }
  for (const std::string& path : directories_) {
    if (path != "/" && directory_of(path) == directory) names.emplace_back(name_of(path));
  }
  return names;
}

Result<FileStatus> MemoryFiles::status(const std::string& path) {
  if (auto error = before(Call::Kind::status, path)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  if (directory_exists(path)) {
    FileStatus status;
    status.kind = FileStatus::Kind::directory;
    return status;
  }
  const auto found = names_.find(path);
  if (found == names_.end()) return system_error("cannot stat " + path, ENOENT);
  return status_of(*found->second);
}

Result<void> MemoryFiles::make_directory(const std::string& path, std::uint32_t) {
  if (auto error = before(Call::Kind::make_directory, path)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  if (!directory_exists(directory_of(path))) {
    return system_error("cannot make the directory " + path, ENOENT);
  }
  directories_.insert(path);
  return {};
}

Result<void> MemoryFiles::sync_directory(const std::string& directory) {
  if (auto error = before(Call::Kind::sync_directory, directory)) return *std::move(error);
  const std::lock_guard guard(mutex_);
  if (!directory_exists(directory)) return system_error("cannot sync " + directory, ENOENT);
  for (auto name = synced_names_.begin(); name != synced_names_.end();) {
    const bool gone = directory_of(name->first) == directory && names_.count(name->first) == 0;
    name = gone ? synced_names_.erase(name) : std::next(name);
  }
  for (const auto& [path, node] : names_) {
    if (directory_of(path) == directory) synced_names_[path] = node;
  }
  return {};
}

}  // namespace ship
