#include "delivery/dead_letters.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ship {
namespace {

/// How long a thread waits for another one that the disk holds up.
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kSyncInterval{1};
constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kMaxPostedBytes = 1 << 20;
constexpr std::size_t kKeptText = 4 * kChunkBytes;

std::string letters(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " dead letter" : " dead letters");
}

}  // namespace

/// A turn at the file: from the end of the previous turn until this object is destroyed. Not
/// granted if that takes too long.
class DeadLetters::Turn {
 public:
  Turn(DeadLetters& letters, SteadyTime deadline) : letters_(letters) {
    std::unique_lock lock(letters_.turn_);
    const auto is_free = [this] { return !letters_.writing_; };
    had_ = deadline == SteadyTime::max() ? (letters_.turn_ended_.wait(lock, is_free), true)
                                         : letters_.turn_ended_.wait_until(lock, deadline, is_free);
    if (had_) letters_.writing_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!had_) return;
    {
      const std::lock_guard lock(letters_.turn_);
      letters_.writing_ = false;
    }
    letters_.turn_ended_.notify_one();
  }
  explicit operator bool() const { return had_; }

 private:
  DeadLetters& letters_;
  bool had_ = false;
};

DeadLetters::DeadLetters(Files& files, Clock& clock, DeadLettersOptions options, LogFunction log,
                         ParkedThread thread)
    : files_(files),
      clock_(clock),
      options_(std::move(options)),
      log_(std::move(log)),
      thread_(std::move(thread)) {}

Result<std::unique_ptr<DeadLetters>> DeadLetters::open(Files& files, Clock& clock,
                                                       DeadLettersOptions options,
                                                       LogFunction log) {
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error().in("dead letters");
  std::unique_ptr<DeadLetters> opened(
      new DeadLetters(files, clock, std::move(options), std::move(log), std::move(thread).value()));
  if (auto ready = opened->open_file(); !ready) {
    if (ready.error().kind != ErrorKind::transient) {
      return std::move(ready).error().in("dead letters");
    }
    opened->tell(ready, 0);
  }
  opened->synced_at_ = clock.steady();
  opened->thread_.run([letters = opened.get()] { letters->write_posted(); });
  return opened;
}

DeadLetters::~DeadLetters() {
  {
    const std::lock_guard posting(posting_);
    closing_ = true;
  }
  posted_changed_.notify_all();
  thread_.join();
}

std::size_t DeadLetters::write(std::span<const DeadLetter> all) {
  const Turn turn(*this, std::chrono::steady_clock::now() + kPatience);
  if (!turn) {
    log_(LogLevel::error, "dead letters: the disk of " + options_.path + " hangs; " +
                              letters(all.size()) + " were dropped");
    return 0;
  }
  std::size_t written = 0;
  Result<void> result;
  while (written < all.size() && result) {
    text_.clear();
    ends_.clear();
    while (written + ends_.size() < all.size() && text_.size() < kChunkBytes) {
      append_dead_letter(text_, clock_.wall(), all[written + ends_.size()]);
      ends_.push_back(text_.size());
    }
    std::size_t done = 0;
    result = ensure_open();
    if (result) result = write_text(done);
    // A letter that lacks only its newline is whole: the newline comes before the next one.
    const auto whole = std::upper_bound(ends_.begin(), ends_.end(), done + 1) - ends_.begin();
    written += static_cast<std::size_t>(whole);
  }
  if (text_.capacity() > kKeptText) std::string().swap(text_);
  if (result) sync_sometimes();
  tell(result, all.size() - written);
  return written;
}

Result<void> DeadLetters::ensure_open() {
  if (reopen_.exchange(false)) file_.reset();
  if (file_) {
    // Another process may have rotated the file, or an operator may have removed it.
    const auto there = files_.status(options_.path);
    if (!there || !there.value().same_file(opened_)) file_.reset();
  }
  if (file_ && size_ > 0 && size_ + text_.size() > options_.rotate_bytes) rotate();
  if (file_) return {};
  return open_file();
}

Result<void> DeadLetters::open_file() {
  const std::string& path = options_.path;
  const auto there = files_.status(path);
  if (there && there.value().kind != FileStatus::Kind::regular) {
    return Error{ErrorKind::config, path + " exists, but is not a regular file; name another one",
                 0};
  }
  auto file = files_.open(path, OpenMode::append, 0600);
  if (!file) return std::move(file).error();
  auto status = file.value()->status();
  if (!status) return std::move(status).error();
  file_ = std::move(file).value();
  opened_ = status.value();
  size_ = opened_.size;
  torn_ = false;
  if (size_ == 0) return files_.sync_directory(directory_of(path));
  char last = '\n';
  auto reader = files_.open(path, OpenMode::read);
  if (reader && reader.value()->read_at(size_ - 1, &last, 1)) torn_ = last != '\n';
  return {};
}

Result<void> DeadLetters::write_text(std::size_t& done) {
  if (torn_) {
    // Leave an existing partial line on a line of its own.
    auto ended = file_->write("\n");
    if (!ended) return std::move(ended).error();
    size_ += ended.value();
    torn_ = ended.value() == 0;
  }
  while (done < text_.size()) {
    auto n = file_->write(std::string_view(text_).substr(done));
    if (!n || n.value() == 0) {
      torn_ |= done > 0 && text_[done - 1] != '\n';
      return n ? system_error("cannot write to " + options_.path, ENOSPC) : std::move(n).error();
    }
    done += n.value();
    size_ += n.value();
  }
  return {};
}

std::string DeadLetters::rotated(std::uint32_t number) const {
  return number == 0 ? options_.path : options_.path + "." + std::to_string(number);
}

void DeadLetters::rotate() {
  // Only one of several processes rotates; the others find a new file at the path next time.
  if (!file_->lock()) return;
  const auto there = files_.status(options_.path);
  if (!there || !there.value().same_file(opened_)) return file_.reset();
  [[maybe_unused]] const auto synced = file_->sync().ok();
  const std::uint32_t last = std::max(options_.files, 2u) - 1;
  if (files_.status(rotated(last))) {
    log_(LogLevel::warning, "dead letters: " + rotated(last) +
                                " is removed, the oldest; send them again with `fapilog-ship "
                                "replay`, or keep them elsewhere");
  }
  for (std::uint32_t number = last; number > 0; --number) {
    const auto moved = files_.rename(rotated(number - 1), rotated(number));
    if (moved || moved.error().code == ENOENT) continue;
    // The file stays and grows.
    log_(LogLevel::warning, "dead letters: " + moved.error().message);
    return;
  }
  file_.reset();
}

void DeadLetters::sync_sometimes() {
  const SteadyTime now = clock_.steady();
  if (now - synced_at_ < kSyncInterval) return;
  synced_at_ = now;
  // The kernel has everything; only a machine crash can lose it.
  if (file_) [[maybe_unused]]
    const auto synced = file_->sync().ok();
}

void DeadLetters::tell(const Result<void>& result, std::uint64_t lost) {
  lost_ += lost;
  if (result.ok() == !failing_) return;
  failing_ = !result.ok();
  if (failing_) {
    log_(LogLevel::error, "dead letters: " + result.error().message +
                              "; what sinks refuse is dropped until this works again");
  } else {
    log_(LogLevel::info, "dead letters: " + options_.path + " can be written again, " +
                             letters(std::exchange(lost_, 0)) + " were dropped meanwhile");
  }
}

void DeadLetters::post(std::string_view line, std::string_view reason, const RecordId& id) {
  {
    const std::lock_guard posting(posting_);
    if (posted_bytes_ + line.size() > kMaxPostedBytes && !posted_.empty()) {
      ++left_out_;
      return;
    }
    posted_bytes_ += line.size();
    posted_.push_back({std::string(line), std::string(reason), id});
  }
  posted_changed_.notify_all();
}

void DeadLetters::write_posted() {
  std::unique_lock posting(posting_);
  for (;;) {
    posted_changed_.wait(posting, [&] { return !posted_.empty() || closing_; });
    if (posted_.empty()) return;
    std::deque<Posted> taken = std::exchange(posted_, {});
    posted_bytes_ = 0;
    const std::uint64_t left_out = std::exchange(left_out_, 0);
    busy_ = true;
    posting.unlock();
    std::vector<DeadLetter> batch;
    batch.reserve(taken.size());
    for (Posted& posted : taken) {
      if (options_.redact) redact(posted);
      batch.push_back({{}, 0, posted.reason, posted.line, posted.id});
    }
    write(batch);
    if (left_out > 0) {
      log_(LogLevel::warning,
           "dead letters: " + std::to_string(left_out) + " invalid lines came too fast to be kept");
    }
    posting.lock();
    busy_ = false;
    posted_changed_.notify_all();
  }
}

void DeadLetters::redact(Posted& posted) const {
  auto kept = options_.redact(posted.line);
  if (!kept) posted.reason += "; left out, because it could not be redacted";
  posted.line = std::move(kept).value_or(std::string());
}

bool DeadLetters::close(SteadyTime deadline) {
  {
    std::unique_lock posting(posting_);
    closing_ = true;
    posted_changed_.notify_all();
    const auto idle = [&] { return posted_.empty() && !busy_; };
    while (!idle()) {
      if (posted_changed_.wait_until(posting, deadline) == std::cv_status::timeout && !idle()) {
        return false;
      }
    }
  }
  const Turn turn(*this, deadline);
  if (!turn) return false;
  if (file_) [[maybe_unused]]
    const auto synced = file_->sync().ok();
  file_.reset();
  return true;
}

}  // namespace ship
