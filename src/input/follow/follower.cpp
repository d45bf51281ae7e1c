#include "input/follow/follower.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/resource.h>
#include <utility>

#include "base/scheduling.hpp"

namespace ship {

using std::chrono::milliseconds;

namespace {

/// A busy writer's lines are taken together, not one by one: between two looks is a pause of so
/// many times what the look took, within these bounds.
constexpr int kPauseShare = 20;
constexpr milliseconds kPause{20};
constexpr milliseconds kLongestPause{100};
constexpr milliseconds kScanPause{50};
/// How often everything is looked at, where the directories tell all and where they do not.
constexpr milliseconds kSlowPoll{5000};
constexpr milliseconds kPoll{1000};
/// How often a file is looked at to which no pattern leads.
constexpr milliseconds kUnnamedPoll{250};
constexpr milliseconds kTick{1000};
/// How long the last look at the files may take.
constexpr milliseconds kLastLook{1000};

std::size_t most_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  return static_cast<std::size_t>(std::clamp<rlim_t>(limit.rlim_cur / 4, 16, 1024));
}

FollowSet::Options set_options(const InputSettings& input, const FollowOptions& follow) {
  return {input.paths, input.start, follow.checkpoint, follow.log, follow.own_output};
}

/// The patterns, as far as they fit into a row of a table.
std::string name_of(const std::vector<std::string>& patterns) {
  constexpr std::size_t kMost = 40;
  std::string name;
  for (const std::string& pattern : patterns) {
    if (name.size() > kMost) return name + ", …";
    name += (name.empty() ? "" : ", ") + pattern;
  }
  return name;
}

Intake::Options with_filter(Intake::Options options, RecordFilter& filter) {
  options.filter = &filter;
  return options;
}

/// Of what is read between turns.
const DoneFilter::Ranges kNoRanges;

}  // namespace

Follower::Follower(const Intake::Options& options, FollowOptions follow,
                   Intake::OnRecords on_records, Intake::OnInvalidLine on_invalid_line,
                   OnDone on_done, Clock& clock, Event wake, ParkedThread thread)
    : unwrap_(options.input.unwrap),
      name_(name_of(options.input.paths)),
      follow_(std::move(follow)),
      on_records_(std::move(on_records)),
      on_done_(std::move(on_done)),
      clock_(clock),
      done_(options.filter),
      intake_(
          with_filter(options, done_),
          [this](std::span<const Record> records) { hand_on(records); }, std::move(on_invalid_line),
          clock),
      files_(set_options(options.input, follow_)),
      most_open_(most_open_files()),
      wake_(std::move(wake)),
      thread_(std::move(thread)) {}

InputReport Follower::report() const {
  InputReport report;
  report.name = name_;
  report.type = "followed";
  report.counts = intake_.counts();
  return report;
}

Result<std::unique_ptr<Follower>> Follower::open(const Intake::Options& options,
                                                 FollowOptions follow, Intake::OnRecords on_records,
                                                 Intake::OnInvalidLine on_invalid_line,
                                                 OnDone on_done, Clock& clock) {
  Event wake;
  if (!wake) {
    return Error{ErrorKind::io, std::string("input: cannot make an eventfd: ") + strerror(errno)};
  }
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  return std::unique_ptr<Follower>(new Follower(options, std::move(follow), std::move(on_records),
                                                std::move(on_invalid_line), std::move(on_done),
                                                clock, std::move(wake), std::move(thread).value()));
}

Follower::~Follower() {
  stop();
  join();
}

void Follower::start() {
  thread_.run([this] { run(); });
}

void Follower::look_again() {
  look_again_.store(true, std::memory_order_release);
  wake_.set();
}

// Phases only go forward.
void Follower::move_to(Phase phase) {
  Phase now = phase_.load(std::memory_order_relaxed);
  while (now < phase && !phase_.compare_exchange_weak(now, phase, std::memory_order_acq_rel)) {
  }
  wake_.set();
}

void Follower::run() {
  use_batch_scheduling();
  while (phase() == Phase::reading) {
    look_around();
    read_queued(clock_.steady() + kTick);
    keep_time();
    if (phase() == Phase::reading) wait();
  }
  finish();
  if (on_done_) on_done_({});
}

// What directories tell, and what they do not.
void Follower::look_around() {
  const SteadyTime now = clock_.steady();
  if (files_.take_events(now)) scan_at_ = std::min(scan_at_, scanned_at_ + kScanPause);
  if (look_again_.exchange(false)) scan_at_ = now;
  if (now >= scan_at_) {
    files_.scan(now);
    scanned_at_ = clock_.steady();
    scan_at_ = scanned_at_ + (files_.is_told_everything() ? kSlowPoll : kPoll);
    unnamed_.clear();
    files_.each([this](FollowedFile& file) {
      if (!file.named) unnamed_.insert(&file);
    });
  }
  if (now < look_at_) return;
  look_at_ = now + kUnnamedPoll;
  for (FollowedFile* file : unnamed_) files_.enqueue(*file);
}

void Follower::read_queued(SteadyTime until) {
  passed_at_ = clock_.steady();
  // Each file has one turn before the first has its next.
  std::vector<FollowedFile*> more;
  while (phase() != Phase::stopping) {
    FollowedFile* const file = files_.next();
    if (!file) break;
    if (take_turn(*file) == Left::more) more.push_back(file);
    if (clock_.steady() >= until) break;
  }
  for (FollowedFile* file : more) files_.enqueue(*file);
  const auto took = std::chrono::ceil<milliseconds>(clock_.steady() - passed_at_);
  pause_ = std::clamp(kPauseShare * took, kPause, kLongestPause);
}

// The ending of what waits for time alone.
void Follower::keep_time() {
  const SteadyTime now = clock_.steady();
  const std::vector<FollowedFile*> waiting(waiting_.begin(), waiting_.end());
  for (FollowedFile* file : waiting) {
    if (file->waiting && file->waiting->deadline.value_or(now) <= now) flush(*file);
    if (file->partial_since && now >= partial_deadline(*file)) files_.enqueue(*file);
    if (!file->waiting && !file->partial_since) waiting_.erase(file);
  }
  done_.set_ranges(kNoRanges);
  if (const auto deadline = intake_.deadline(); deadline && now >= *deadline) intake_.wake();
  const std::vector<FollowedFile*> unnamed(unnamed_.begin(), unnamed_.end());
  for (FollowedFile* file : unnamed) {
    if (is_over(*file)) let_go(*file);
  }
  end_turns();
}

void Follower::end_turns() {
  if (follow_.on_tick) follow_.on_tick();
  if (follow_.checkpoint && follow_.checkpoint->wants_sync()) follow_.checkpoint->sync();
}

SteadyTime Follower::next_due() const {
  SteadyTime due = std::min(clock_.steady() + kTick, scan_at_);
  if (!unnamed_.empty()) due = std::min(due, look_at_);
  for (const FollowedFile* file : waiting_) {
    if (file->waiting && file->waiting->deadline) due = std::min(due, *file->waiting->deadline);
    if (file->partial_since) due = std::min(due, partial_deadline(*file));
  }
  if (const auto deadline = intake_.deadline()) due = std::min(due, *deadline);
  return due;
}

void Follower::wait() {
  const auto left = [this](SteadyTime until) {
    const auto time = std::chrono::ceil<milliseconds>(until - clock_.steady());
    return static_cast<int>(std::max<std::int64_t>(time.count(), 0));
  };
  pollfd polled[] = {{wake_.fd(), POLLIN, 0}, {files_.fd(), POLLIN, 0}};
  if (!files_.has_queued()) ::poll(polled, 2, left(next_due()));
  // The writer goes on: its next lines come with these.
  if (polled[1].revents != 0) ::poll(polled, 1, left(passed_at_ + pause_));
  if (phase() == Phase::reading) wake_.clear();
}

void Follower::finish() {
  const SteadyTime until = clock_.steady() + kLastLook;
  if (phase() == Phase::draining) {
    files_.take_events(clock_.steady());
    files_.scan(clock_.steady());
    files_.each([this](FollowedFile& file) {
      if (!file.named) files_.enqueue(file);
    });
    while (files_.has_queued() && phase() == Phase::draining && clock_.steady() < until) {
      read_queued(until);
    }
  }
  files_.each([this](FollowedFile& file) {
    if (file.waiting) flush(file);
  });
  done_.set_ranges(kNoRanges);
  intake_.finish();
  end_turns();
}

void Follower::hand_on(std::span<const Record> records) {
  for (const Record& record : records) {
    const std::uint64_t at = record.id.sequence & ~kUnendedLine;
    if (record.id.run != turn_run_ || (turn_last_ && at <= *turn_last_)) in_order_ = false;
    turn_last_ = at;
  }
  if (follow_.on_hand_on && !records.empty()) {
    follow_.on_hand_on({turn_run_, turn_begin_, turn_begin_, in_order_ && !intake_.parts_wait()});
  }
  on_records_(records);
}

}  // namespace ship
