#include "input/reader.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <numeric>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "base/scheduling.hpp"

namespace ship {
namespace {

/// More files than these have one row in the statistics.
constexpr std::size_t kMostRows = 64;

/// Puts what went wrong with another input on a line of its own.
void add_failure(Result<void>& outcome, Error failure) {
  if (outcome) {
    outcome = std::move(failure);
    return;
  }
  Error both = outcome.error();
  both.message += "\n" + failure.message;
  outcome = std::move(both);
}

}  // namespace

Reader::Reader(const Intake::Options& options, Intake::OnRecords on_records,
               Intake::OnInvalidLine on_invalid_line, OnDone on_done, Clock& clock, Event wake,
               ParkedThread thread)
    : intake_(options, std::move(on_records), std::move(on_invalid_line), clock),
      on_done_(std::move(on_done)),
      clock_(clock),
      wake_(std::move(wake)),
      thread_(std::move(thread)) {}

Result<std::unique_ptr<Reader>> Reader::open(const Intake::Options& options,
                                             Intake::OnRecords on_records,
                                             Intake::OnInvalidLine on_invalid_line, OnDone on_done,
                                             Clock& clock) {
  const std::vector<std::string>& paths = options.input.paths;
  std::vector<std::uint64_t> sizes;
  Result<void> readable;
  for (const std::string& path : paths) {
    auto size = check_readable(path);
    sizes.push_back(size ? size.value() : 0);
    if (!size) add_failure(readable, std::move(size).error());
  }
  if (!readable) return Error(readable.error());
  auto source = paths.empty() ? Source::standard_input() : Source::open(paths.front());
  if (!source) return std::move(source).error();
  auto reader = open(std::move(source).value(), options, std::move(on_records),
                     std::move(on_invalid_line), std::move(on_done), clock);
  if (reader && !paths.empty()) {
    reader.value()->paths_.assign(paths.begin() + 1, paths.end());
    const bool known = are_regular_files(paths);
    reader.value()->size_ =
        known ? std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}) : 0;
    reader.value()->sizes_ = std::move(sizes);
  }
  return reader;
}

Result<std::unique_ptr<Reader>> Reader::open(Source source, const Intake::Options& options,
                                             Intake::OnRecords on_records,
                                             Intake::OnInvalidLine on_invalid_line, OnDone on_done,
                                             Clock& clock) {
  Event wake;
  if (!wake) {
    return Error{ErrorKind::io, std::string("input: cannot make an eventfd: ") + strerror(errno)};
  }
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  std::unique_ptr<Reader> reader(new Reader(options, std::move(on_records),
                                            std::move(on_invalid_line), std::move(on_done), clock,
                                            std::move(wake), std::move(thread).value()));
  reader->name_ = source.label();
  reader->type_ = source.is_regular_file() ? "file" : "pipe";
  reader->size_ = source.size();
  reader->sizes_ = {source.size()};
  reader->first_ = std::make_unique<Source>(std::move(source));
  return reader;
}

Reader::~Reader() {
  stop();
  join();
}

void Reader::start() {
  thread_.run([this] { run(); });
}

void Reader::begin_drain() { move_to(Phase::draining); }

void Reader::stop() { move_to(Phase::stopping); }

void Reader::join() { thread_.join(); }

// Phases only go forward.
void Reader::move_to(Phase phase) {
  Phase now = phase_.load(std::memory_order_relaxed);
  while (now < phase && !phase_.compare_exchange_weak(now, phase, std::memory_order_acq_rel)) {
  }
  wake_.set();
}

void Reader::run() {
  use_batch_scheduling();
  Result<void> outcome = read_all();
  intake_.finish();
  if (on_done_) on_done_(std::move(outcome));
}

Result<void> Reader::read_all() {
  Result<void> outcome = read_one(*first_);
  first_.reset();
  finish_file(sizes_.front());
  for (std::size_t i = 0; i < paths_.size() && phase() == Phase::reading; ++i) {
    Result<void> read = [&]() -> Result<void> {
      auto source = Source::open(paths_[i]);
      if (!source) return std::move(source).error();
      return read_one(source.value());
    }();
    if (!read) add_failure(outcome, std::move(read).error());
    finish_file(sizes_[i + 1]);
  }
  ended_ = true;
  return outcome;
}

// A file may now be longer or shorter than when it was checked.
void Reader::finish_file(std::uint64_t size) {
  file_bytes_ = 0;
  finished_bytes_ += size;
  ++finished_files_;
  const std::lock_guard lock(ends_mutex_);
  if (paths_.size() < kMostRows) ends_.push_back(intake_.counts());
}

std::vector<InputReport> Reader::reports() const {
  std::vector<InputReport> reports(1);
  reports.front().type = type_;
  if (paths_.size() >= kMostRows) {
    reports.front().name = std::to_string(paths_.size() + 1) + " files";
    reports.front().counts = intake_.counts();
    return reports;
  }
  reports.front().name = name_;
  for (const std::string& path : paths_) {
    reports.emplace_back().name = path;
    reports.back().type = type_;
  }
  const std::lock_guard lock(ends_mutex_);
  const InputCounts now = intake_.counts();
  InputCounts before;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const bool last = i + 1 == reports.size() || i >= ends_.size();
    const InputCounts until = last ? now : ends_[i];
    reports[i].counts = until.since(before);
    before = until;
  }
  return reports;
}

InputProgress Reader::progress() const {
  InputProgress progress;
  progress.size = size_;
  progress.bytes = finished_bytes_ + file_bytes_;
  if (size_ > 0) progress.bytes = std::min(progress.bytes, size_);
  progress.files = paths_.size() + 1;
  progress.file = std::min(finished_files_ + 1, progress.files);
  progress.ended = ended_;
  return progress;
}

Result<void> Reader::read_one(Source& source) {
  Result<void> outcome;
  bool ended = false;
  if (const auto& file = source.fingerprint()) {
    const std::uint64_t copies = files_seen_[{file->high, file->low}]++;
    intake_.begin_file(file_copy_run_id(*file, copies));
  }
  while (phase() == Phase::reading) {
    if (!source.is_regular_file()) {
      const Wake wake = wait(source);
      if (wake == Wake::timeout) {
        const SteadyTime began = clock_.steady();
        intake_.wake();
        end_turn(began);
      }
      if (wake != Wake::input) continue;
    }
    const auto got = read_block(source, SIZE_MAX);
    if (!got && got.error().kind == ErrorKind::transient) continue;
    if (!got) outcome = got.error();
    ended = !got || got.value() == 0;
    if (ended) break;
  }
  if (phase() == Phase::draining && outcome) outcome = drain(source);
  if (source.is_regular_file() && !ended) {
    intake_.break_off();
  } else {
    intake_.end_input();
  }
  return outcome;
}

Result<void> Reader::drain(Source& source) {
  if (source.is_regular_file()) return {};
  for (std::size_t left = source.available(); left > 0 && phase() == Phase::draining;) {
    const auto got = read_block(source, left);
    if (!got && got.error().kind == ErrorKind::transient) return {};
    if (!got) return got.error();
    if (got.value() == 0) return {};
    left -= got.value();
  }
  return {};
}

// One read of at most `most` bytes; 0 at the end of input.
Result<std::size_t> Reader::read_block(Source& source, std::size_t most) {
  const std::span<char> room = intake_.room();
  auto got = source.read(room.first(std::min(room.size(), most)));
  file_bytes_.store(source.position(), std::memory_order_relaxed);
  if (got && got.value() > 0) {
    const SteadyTime began = clock_.steady();
    last_read_.store(began, std::memory_order_relaxed);
    intake_.take(got.value());
    end_turn(began);
  }
  return got;
}

void Reader::end_turn(SteadyTime began) {
  const std::chrono::duration<double> away = clock_.steady() - began;
  const std::lock_guard lock(loop_mutex_);
  loop_times_.add(away.count());
}

LoopTimes Reader::loop_times() const {
  const std::lock_guard lock(loop_mutex_);
  return loop_times_;
}

// Waits until there is input or its end, the phase changes, or the intake has waited long enough.
Reader::Wake Reader::wait(const Source& source) const {
  pollfd polled[] = {{source.fd(), POLLIN, 0}, {wake_.fd(), POLLIN, 0}};
  // An empty source has no descriptor to poll: it is already at its end.
  if (source.fd() < 0) return Wake::input;
  while (true) {
    const int ready = ::poll(polled, 2, milliseconds_left());
    if (ready == 0) return Wake::timeout;
    if (ready > 0 || errno != EINTR) break;
  }
  return polled[1].revents != 0 ? Wake::signal : Wake::input;
}

// For poll(2): -1 means no limit.
int Reader::milliseconds_left() const {
  const auto deadline = intake_.deadline();
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - clock_.steady());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace ship
