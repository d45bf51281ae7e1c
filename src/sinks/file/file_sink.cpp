#include "sinks/file/file_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/kernel_directory.hpp"
#include "base/units.hpp"
#include "base/wait.hpp"
#include "sinks/file/file_error.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// fsync = interval.
constexpr milliseconds kSyncInterval{1000};
/// After a rotation failed.
constexpr milliseconds kRotationPause{5000};

}  // namespace

FileSink::FileSink(FileSinkSettings settings, Files& files, Clock& clock, LogFunction log,
                   std::unique_ptr<FileSeal> seal)
    : settings_(std::move(settings)),
      files_(files),
      clock_(clock),
      log_(std::move(log)),
      names_(settings_.path),
      seal_(std::move(seal)),
      archive_(files, settings_, log_) {}

Verdict FileSink::send(std::span<const Record> records, const SendContext& context) {
  std::size_t done = 0;
  std::uint64_t bytes = 0;
  std::optional<Error> error;
  if (auto ready = make_ready(); !ready.ok()) error = std::move(ready).error();
  while (!error && done < records.size()) {
    const auto rest = records.subspan(done);
    const std::size_t count = fitting(rest);
    if (count == 0) {
      if (auto rotated = rotate(); !rotated.ok()) error = std::move(rotated).error();
      continue;
    }
    LineStream::Outcome outcome = write_lines(rest.first(count), context.stop);
    done += outcome.complete;
    bytes += outcome.bytes;
    error = std::move(outcome.error);
  }
  if (error) error = with_file_advice(*std::move(error), settings_.path);
  return line_verdict(done, records.size(), bytes, error);
}

/// How many of the records, from the first on, still go into this file.
std::size_t FileSink::fitting(std::span<const Record> records) const {
  if (!rotates() || settings_.rotate_size == 0 || clock_.steady() < no_rotation_before_) {
    return records.size();
  }
  std::uint64_t size = size_;
  std::size_t count = 0;
  for (const Record& record : records) {
    size += record.line.size() + 1;
    // A line larger than a whole file gets its own file.
    if (size > settings_.rotate_size && (size_ > 0 || count > 0)) break;
    ++count;
  }
  return count;
}

LineStream::Outcome FileSink::write_lines(std::span<const Record> records,
                                          const std::stop_token& stop) {
  const std::uint64_t size_before = size_;
  LineStream::Outcome outcome = stream_.send(
      records, [this, &stop](std::string_view bytes) { return write_some(bytes, stop); });
  size_ += outcome.bytes;
  if (outcome.error && outcome.error->code == EPIPE && stream_.unfinished()) {
    // Nobody knows how much of the torn line the FIFO's last reader took: the next one gets all of
    // it. The FIFO stays open, because it still holds what was not read.
    stream_.end_torn();
  }
  if (stream_.torn() > 0 && take_back(stream_.torn())) {
    outcome.bytes -= std::min<std::uint64_t>(outcome.bytes, stream_.torn());
    stream_.forget_torn();
  }
  if (outcome.complete > 0 && settings_.fsync == FileSinkSettings::Fsync::always && file_) {
    auto synced = file_->sync();
    if (!synced.ok()) {
      // Written but perhaps not stored: take it all back, so that it can be sent again.
      if (take_back(size_ - size_before)) outcome.bytes = 0;
      check_whole_lines();
      outcome.complete = 0;
      outcome.error = std::move(synced).error();
      outcome.error->kind = ErrorKind::transient;
    }
  }
  if (seal_) {
    // The lines are in the file. If the seal cannot follow, the next send waits for it.
    if (auto sealed = seal_->commit(); !sealed.ok()) {
      log_(LogLevel::warning, sealed.error().message);
    }
  }
  if (outcome.bytes > 0 && settings_.fsync == FileSinkSettings::Fsync::interval && !sync_at_) {
    sync_at_ = clock_.steady() + kSyncInterval;
  }
  sync_if_due(false);
  return outcome;
}

Result<std::size_t> FileSink::write_some(std::string_view bytes, const std::stop_token& stop) {
  for (;;) {
    auto written = file_->write(bytes);
    if (seal_ && written.ok()) seal_->add(bytes.substr(0, written.value()));
    if (!written.ok() || written.value() > 0) return written;
    if (!wait_ready(file_->descriptor(), POLLOUT, stop)) {
      return Error{ErrorKind::transient, "stopped while " + settings_.path + " took nothing"};
    }
  }
}

/// Cuts off the last `bytes` again, but only if they are certainly ours.
bool FileSink::take_back(std::uint64_t bytes) {
  if (!regular_ || !file_) return false;
  const auto status = file_->status();
  if (!status.ok() || status.value().size != size_ || bytes > size_) return false;
  if (!file_->truncate(size_ - bytes).ok()) return false;
  size_ -= bytes;
  if (seal_ && !seal_->cut(size_).ok()) seal_->changed_by_others(size_);
  return true;
}

Result<void> FileSink::make_ready() {
  if (file_ && !still_in_place()) {
    log_(LogLevel::info, settings_.path + " was moved or deleted; going on in a new file");
    leave_file();
  }
  if (!file_) {
    if (auto opened = open(); !opened.ok()) return opened;
  }
  if (seal_) {
    if (auto sealed = seal_->commit(); !sealed.ok()) return sealed;
  }
  if (!rotates() || !rotates_by_time()) return {};
  const WallNanos now = clock_.wall();
  if (size_ == 0) {
    // An empty file is never rotated; its interval starts with its first line.
    rotate_at_ = next_rotation(now, settings_.rotate_interval);
  } else if (now >= rotate_at_ && clock_.steady() >= no_rotation_before_) {
    return rotate();
  }
  return {};
}

/// From now on another file is at its path.
void FileSink::leave_file() {
  sync_if_due(true);
  file_.reset();
  if (seal_) seal_->lose_file();
}

/// Also detects if others appended to the file or truncated it.
bool FileSink::still_in_place() {
  const auto status = files_.status(settings_.path);
  if (!status.ok()) return status.error().code != ENOENT && status.error().code != ENOTDIR;
  if (!status.value().same_file(opened_)) return false;
  if (regular_ && status.value().size != size_) {
    size_ = status.value().size;
    if (seal_) seal_->changed_by_others(size_);
    if (stream_.unfinished()) check_whole_lines();
  }
  return true;
}

Result<void> FileSink::open() {
  looked_ = true;
  auto opened = files_.open(settings_.path, OpenMode::append, settings_.mode);
  if (!opened.ok()) return std::move(opened).error();
  auto status = opened.value()->status();
  if (!status.ok()) return std::move(status).error();
  file_ = std::move(opened).value();
  opened_ = status.value();
  regular_ = opened_.kind == FileStatus::Kind::regular;
  size_ = regular_ ? opened_.size : 0;
  if (rotates_by_time()) {
    const WallNanos now = clock_.wall();
    rotate_at_ =
        next_rotation(size_ > 0 ? std::min(opened_.modified, now) : now, settings_.rotate_interval);
  }
  if (rotates() && !std::exchange(tidied_, true)) archive_.tidy_soon();
  if (!regular_) {
    if (!seal_) return {};
    file_.reset();
    return Error{ErrorKind::io, settings_.path + " is not a regular file: it cannot be sealed"};
  }
  if (settings_.fsync == FileSinkSettings::Fsync::always) {
    // A synced line is useless in a file whose name is not synced.
    if (auto synced = files_.sync_directory(names_.directory()); !synced.ok()) return synced;
  }
  check_whole_lines();
  if (!seal_) return {};
  auto sealed = seal_->open(size_);
  if (!sealed.ok()) file_.reset();
  return sealed;
}

/// A file that cannot be read is assumed to be intact: logging must continue.
void FileSink::check_whole_lines() {
  stream_.forget_torn();
  if (size_ == 0) return;
  auto reader = files_.open(settings_.path, OpenMode::read);
  if (!reader.ok()) return;
  char last = '\n';
  auto got = reader.value()->read_at(size_ - 1, &last, 1);
  if (got.ok() && got.value() == 1 && last != '\n') stream_.end_torn();
}

Result<void> FileSink::rotate() {
  auto renamed = end_and_rename();
  if (!renamed.ok()) {
    // Lines matter more than the size of their file: continue in it and try again later.
    no_rotation_before_ = clock_.steady() + kRotationPause;
    if (!std::exchange(rotation_failing_, true)) {
      log_(LogLevel::warning,
           "cannot rotate, going on in the same file: " + renamed.error().message);
    }
    return {};
  }
  rotation_failing_ = false;
  sync_at_.reset();
  stream_.forget_torn();
  archive_.add(std::move(file_), renamed.value());
  return open();
}

Result<std::string> FileSink::end_and_rename() {
  if (!seal_) return rename_away();
  if (auto ended = seal_->end("rotation"); !ended.ok()) return std::move(ended).error();
  auto renamed = rename_away();
  auto sealed = renamed.ok() ? seal_->follow(renamed.value()) : seal_->resume();
  if (!sealed.ok()) log_(LogLevel::warning, sealed.error().message);
  return renamed;
}

Result<std::string> FileSink::rename_away() {
  constexpr int kTries = 1000;
  WallNanos time = std::max(clock_.wall(), last_stamp_ + 1'000'000);
  for (int i = 0; i < kTries; ++i, time += 1'000'000) {
    const std::string path = names_.path_at(time);
    bool taken = false;
    for (const Compression form : {Compression::gzip, Compression::zstd}) {
      taken = taken || files_.status(path + std::string(compression_suffix(form))).ok();
    }
    if (taken || (seal_ && files_.status(seal_path(path)).ok())) continue;
    auto renamed = files_.rename_new(settings_.path, path);
    if (!renamed.ok() && renamed.error().code == EEXIST) continue;
    if (!renamed.ok()) return std::move(renamed).error();
    last_stamp_ = time;
    return path;
  }
  return Error{ErrorKind::io, "no free name for the rotated file of " + settings_.path};
}

void FileSink::sync_if_due(bool now) {
  if (!sync_at_ || !file_) return;
  if (!now && clock_.steady() < *sync_at_) return;
  sync_at_.reset();
  auto synced = file_->sync();
  // What the seal covers is on disk by then.
  if (synced.ok() && seal_) synced = seal_->commit(true);
  if (synced.ok() && seal_) synced = seal_->sync();
  if (!synced.ok()) log_(LogLevel::error, synced.error().message);
}

std::vector<SinkNote> FileSink::take_notes() {
  return seal_ ? seal_->take_notes() : std::vector<SinkNote>();
}

void FileSink::reopen() {
  if (seal_) seal_->reload_key();
  if (!file_) return;
  if (!still_in_place()) {
    leave_file();
  } else {
    sync_if_due(true);
    // If it fails, what it did not cover is sealed later.
    if (seal_) [[maybe_unused]]
      const auto sealed = seal_->commit(true);
    file_.reset();
  }
  // If it fails, the next send reports it.
  [[maybe_unused]] const auto opened = open();
}

SteadyTime FileSink::steady_at(WallNanos time) const {
  const nanoseconds left(time - clock_.wall());
  return clock_.steady() + std::max(left, nanoseconds(0));
}

std::optional<SteadyTime> FileSink::wake_at() const {
  std::optional<SteadyTime> at = sync_at_;
  if (const auto due = seal_ ? seal_->due() : std::nullopt) at = at ? std::min(*at, *due) : *due;
  // A file left by an earlier run is rotated when its interval is over, even if nothing arrives.
  if (!looked_ && rotates_by_time()) return clock_.steady();
  if (file_ && rotates() && rotates_by_time() && size_ > 0) {
    const SteadyTime rotation = std::max(steady_at(rotate_at_), no_rotation_before_);
    at = at ? std::min(*at, rotation) : rotation;
  }
  return at;
}

void FileSink::wake() {
  sync_if_due(false);
  if (!file_) {
    const auto status = files_.status(settings_.path);
    const bool has_lines =
        status.ok() && status.value().kind == FileStatus::Kind::regular && status.value().size > 0;
    looked_ = true;
    if (!has_lines) return;
  }
  // What fails here fails again at the next send, which reports it.
  [[maybe_unused]] const auto ready = make_ready();
}

void FileSink::close(const std::stop_token& stop) {
  if (seal_) {
    if (auto ended = seal_->end("end"); !ended.ok()) log_(LogLevel::error, ended.error().message);
  }
  sync_if_due(true);
  if (seal_) seal_->close();
  file_.reset();
  archive_.finish(stop);
}

Result<std::string> FileSink::probe(const std::stop_token&) {
  const std::string& path = settings_.path;
  const std::string directory = directory_of(path);
  const Result<FileStatus> status = files_.status(path);
  if (!status && status.error().code != ENOENT) return status.error();
  if (status && status.value().kind == FileStatus::Kind::link) {
    return Error{ErrorKind::permanent, path + " is a symbolic link, which is not followed"};
  }
  if (status && status.value().kind == FileStatus::Kind::directory) {
    return Error{ErrorKind::permanent, path + " is a directory; the URL must name a file"};
  }
  // An existing file is appended to; rotation, or a file that does not exist yet, needs the
  // directory.
  if (status && ::access(path.c_str(), W_OK) != 0) return system_error("write " + path, errno);
  const bool needs_directory = !status || rotates();
  if (!status && is_kernel_directory(directory)) {
    return Error{ErrorKind::permanent, "no file can be made in " + directory};
  }
  if (needs_directory && ::access(directory.c_str(), W_OK | X_OK) != 0) {
    return system_error("write in the directory " + directory, errno);
  }
  struct statvfs space {};
  if (::statvfs(directory.c_str(), &space) != 0) {
    return system_error("look at the directory " + directory, errno);
  }
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  constexpr std::uint64_t kMiB = 1u << 20;
  const std::string left = free < kMiB ? print_size(free) : print_size(free / kMiB * kMiB);
  if (free == 0 && (!status || status.value().kind == FileStatus::Kind::regular)) {
    return Error{ErrorKind::transient, "no room is left on the disk of " + path};
  }
  return (status ? path + " is there" : path + " is made with the first record") + "; " + left +
         " free in " + directory;
}

}  // namespace ship
