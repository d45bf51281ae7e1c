#include "sinks/file/file_archive.hpp"

#include <algorithm>
#include <set>
#include <sys/resource.h>
#include <unistd.h>

#include "base/parked_thread.hpp"
#include "seal/seal_entry.hpp"
#include "sinks/file/file_compressor.hpp"

namespace ship {
namespace {

/// The most names to remember for a round; a round that scans the directory finds them all.
constexpr std::size_t kMaxNames = 1024;

}  // namespace

FileArchive::FileArchive(Files& files, const FileSinkSettings& settings, LogFunction log)
    : files_(files), settings_(settings), names_(settings.path), log_(std::move(log)) {}

FileArchive::~FileArchive() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void FileArchive::add(std::unique_ptr<File> rotated, const std::string& path) {
  {
    const std::lock_guard guard(mutex_);
    if (names_to_do_.size() <= kMaxNames) names_to_do_.emplace_back(name_of(path));
    if (rotated_.size() < kMaxOpen) rotated_.push_back(std::move(rotated));
  }
  if (rotated && settings_.fsync != FileSinkSettings::Fsync::never) {
    if (auto synced = rotated->sync(); !synced.ok())
      log_(LogLevel::warning, synced.error().message);
  }
  request();
}

void FileArchive::tidy_soon() { request(); }

void FileArchive::request() {
  {
    const std::lock_guard guard(mutex_);
    asked_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) return;
  auto thread = start_thread([this] { run(stop_.get_token()); });
  if (thread) {
    thread_ = std::move(thread).value();
  } else {
    complain(thread.error());
  }
}

void FileArchive::finish(const std::stop_token& stop) {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !asked_ && !busy_; });
}

void FileArchive::run(const std::stop_token& stop) {
  // Lines take precedence over compression if both want the processor. On Linux nice is per thread.
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return asked_; })) {
    asked_ = false;
    busy_ = true;
    std::vector<std::unique_ptr<File>> rotated;
    rotated.swap(rotated_);
    std::vector<std::string> names;
    names.swap(names_to_do_);
    lock.unlock();
    sync(rotated);
    rotated.clear();
    looks_around_ = looks_around_ || names.size() > kMaxNames;
    tidy(std::move(names), stop);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void FileArchive::sync(const std::vector<std::unique_ptr<File>>& rotated) {
  for (const auto& file : rotated) {
    if (auto synced = file->sync(); !synced.ok()) complain(synced.error());
  }
  if (rotated.empty()) return;
  if (auto synced = files_.sync_directory(names_.directory()); !synced.ok()) {
    complain(synced.error());
  }
}

void FileArchive::tidy(const std::stop_token& stop) {
  looks_around_ = true;
  tidy({}, stop);
}

void FileArchive::tidy(std::vector<std::string> names, const std::stop_token& stop) {
  complained_ = false;
  if (looks_around_) names = look_around();
  for (const std::string& name : names) {
    if (settings_.compress == Compression::none) break;
    // The previous round may already have done it during its scan.
    if (files_.status(path_of(name))) compress(name, stop);
  }
  // With sizes from before compression, retention would remove too much.
  const bool bounded = settings_.max_files > 0 || settings_.max_total_bytes > 0;
  if (!stop.stop_requested() && bounded) apply_retention();
  looks_around_ = complained_ || stop.stop_requested();
}

std::vector<std::string> FileArchive::look_around() {
  const bool first_round = std::exchange(first_round_, false);
  std::vector<std::string> plain;
  auto listed = files_.list(names_.directory());
  if (!listed.ok()) {
    complain(listed.error());
    return plain;
  }
  std::set<std::string> compressed_stamps;
  for (const std::string& name : listed.value()) {
    const auto parsed = names_.parse(name);
    if (!parsed) continue;
    if (parsed->temporary) {
      // Later rounds leave them alone: they are made by this thread, or else by another shipper.
      if (first_round) remove(name);
    } else if (parsed->compression == Compression::none) {
      plain.push_back(name);
    } else {
      compressed_stamps.insert(parsed->stamp);
    }
  }
  std::sort(plain.begin(), plain.end());
  std::erase_if(plain, [&](const std::string& name) {
    if (compressed_stamps.count(names_.parse(name)->stamp) == 0) return false;
    remove(name);
    return true;
  });
  return plain;
}

void FileArchive::apply_retention() {
  const auto listed = files_.list(names_.directory());
  if (!listed.ok()) return complain(listed.error());
  std::vector<RotatedFile> rotated;
  for (const std::string& name : listed.value()) {
    const auto parsed = names_.parse(name);
    if (!parsed || parsed->temporary) continue;
    const auto status = files_.status(path_of(name));
    if (!status.ok()) continue;
    rotated.push_back({name, parsed->stamp, status.value().size});
  }
  for (const std::string& name :
       beyond_retention(std::move(rotated), settings_.max_files, settings_.max_total_bytes)) {
    // Before its file: a seal without its file looks like theft.
    const std::string seal = seal_path(path_of(name));
    if (settings_.seal && files_.status(seal).ok()) {
      if (auto removed = files_.remove(seal); !removed.ok()) complain(removed.error());
    }
    remove(name);
  }
}

void FileArchive::compress(const std::string& name, const std::stop_token& stop) {
  const std::string plain = path_of(name);
  const std::string done = plain + std::string(compression_suffix(settings_.compress));
  const std::string temporary = done + ".tmp";
  auto compressed =
      compress_file(files_, plain, temporary, settings_.compress, settings_.mode, stop);
  if (compressed.ok()) compressed = files_.rename(temporary, done);
  // Remove the original only once the compressed file is on disk under its final name.
  if (compressed.ok()) compressed = files_.sync_directory(names_.directory());
  if (compressed.ok()) compressed = files_.remove(plain);
  if (!compressed.ok() && !stop.stop_requested()) complain(compressed.error());
}

void FileArchive::remove(const std::string& name) {
  if (auto removed = files_.remove(path_of(name)); !removed.ok()) complain(removed.error());
}

void FileArchive::complain(const Error& error) {
  complained_ = true;
  log_(LogLevel::warning, error.message);
}

std::string FileArchive::path_of(const std::string& name) const {
  return names_.directory() + (names_.directory() == "/" ? "" : "/") + name;
}

}  // namespace ship
