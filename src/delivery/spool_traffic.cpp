#include "delivery/spool_traffic.hpp"

#include <algorithm>

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a disk that could not be read is left alone; order is kept for that long.
constexpr milliseconds kReadPause{1000};
/// The same for a disk that could not be written; the queue fills meanwhile.
constexpr milliseconds kWritePause{200};
/// How long the spooler waits for stopped workers before it saves what is left without them.
constexpr milliseconds kWorkerGrace{150};
/// How long after the stop a failed save is retried.
constexpr milliseconds kSaveRetries{500};
/// The most that one append takes, so that a disk with slow syncs has few of them; less with a
/// small queue.
constexpr std::size_t kGroupRecords = 16384;
constexpr std::uint64_t kGroupBytes = 4u << 20;
constexpr std::uint64_t kShareOfQueue = 8;
/// Durable mode: after an append, records gather for this long, so that a fast disk has few syncs
/// too. What comes after a pause is written at once.
constexpr milliseconds kGroupTime{5};

bool is_enough(const std::vector<Batch>& group, std::uint64_t queue_bytes) {
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (const Batch& batch : group) {
    records += batch.size();
    for (const Record& record : batch.records(0, batch.size())) bytes += record.line.size();
  }
  return records >= kGroupRecords || bytes >= std::min(kGroupBytes, queue_bytes / kShareOfQueue);
}

}  // namespace

SpoolTraffic::SpoolTraffic(const SinkSettings& settings, Clock& clock, Backlog& backlog,
                           LaneLedger& ledger, const Spool* spool)
    : settings_(settings),
      clock_(clock),
      backlog_(backlog),
      ledger_(ledger),
      spool_(spool),
      spooler_running_(spool != nullptr) {
  if (!spool_) return;
  const SpoolCounts counts = spool_->counts();
  ledger_.recovered({counts.records, counts.protected_records});
  if (counts.records > 0) unread_since_ = clock_.steady();
}

SpoolTraffic::~SpoolTraffic() {
  for (Batch& batch : held_) backlog_.release(batch, 0, batch.size());
}

SpoolTraffic::Next SpoolTraffic::next(SteadyTime now, SteadyTime& look_again) const {
  if (!spool_) return Next::memory;
  if (now >= disk_retry_at_ && spool_->has_unread()) {
    // A backlog goes at once; in durable mode fresh records wait for a batch to fill, as they would
    // in memory.
    const SteadyTime due_at = unread_since_.value_or(now) + settings_.delivery.batch_timeout;
    const SpoolCounts counts = spool_->counts();
    const bool due = settings_.spool.mode == SpoolMode::overflow || backlog_.is_closed() ||
                     backlog_.is_draining() ||
                     counts.records - counts.in_flight >= settings_.delivery.batch_size ||
                     counts.unread_bytes >= backlog_.largest_batch() || counts.waiting_again > 0 ||
                     now >= due_at;
    if (due) return Next::disk;
    look_again = std::min(look_again, due_at);
    return Next::nothing;
  }
  if (now < disk_retry_at_) look_again = std::min(look_again, disk_retry_at_);
  if (spooler_busy_) return Next::nothing;
  if (!held_.empty()) return Next::held;
  const bool disk_only = settings_.spool.mode == SpoolMode::durable && now >= spool_retry_at_;
  return disk_only ? Next::nothing : Next::memory;
}

void SpoolTraffic::take_held(Batch& batch) {
  std::swap(batch, held_.front());
  held_.pop_front();
}

void SpoolTraffic::taken_from_disk(Tally tally, bool failed) {
  if (failed) disk_retry_at_ = clock_.steady() + kReadPause;
  ledger_.taken_from_disk(tally);
  unread_since_.reset();
  see_unread();
}

void SpoolTraffic::given_back() {
  see_unread();
  backlog_.notify_workers();
}

void SpoolTraffic::see_unread() {
  if (!unread_since_ && spool_->has_unread()) unread_since_ = clock_.steady();
}

bool SpoolTraffic::must_spool(SteadyTime now, SteadyTime& look_again) const {
  if (!spool_ || (backlog_.depth() == 0 && held_.empty())) return false;
  const bool wanted =
      !held_.empty() || settings_.spool.mode == SpoolMode::durable || backlog_.is_half_full();
  if (!wanted) return false;
  SteadyTime at = spool_retry_at_;
  const bool at_once = !held_.empty() || backlog_.is_half_full() || backlog_.readers_wait() ||
                       backlog_.is_closed() || backlog_.is_draining();
  if (!at_once) at = std::max(at, group_ended_at_ + kGroupTime);
  if (now >= at) return true;
  look_again = std::min(look_again, at);
  return false;
}

bool SpoolTraffic::gather(std::unique_lock<std::mutex>& lock, std::vector<Batch>& group,
                          const WorkerGenerations& workers) {
  group.clear();
  while (true) {
    if (backlog_.is_stopped()) return gather_left_behind(lock, group, workers);
    if (backlog_.is_closed() && workers.running() == 0) return false;
    SteadyTime wait_until = SteadyTime::max();
    if (must_spool(clock_.steady(), wait_until)) break;
    backlog_.wait_to_spool(lock, wait_until);
  }
  spooler_busy_ = true;
  bool more = true;
  while (more) {
    if (!held_.empty()) {
      take_held(group.emplace_back());
    } else {
      backlog_.take(group.emplace_back(), Queue::Order::arrival);
    }
    const bool wake_reader = backlog_.readers_wait();
    const std::uint64_t queue_bytes = settings_.queue.max_bytes;
    // One batch at a time: the reader waits for this lock. A reload may come in between.
    lock.unlock();
    if (wake_reader) backlog_.notify_readers();
    if (is_enough(group, queue_bytes)) break;
    lock.lock();
    SteadyTime ignored = SteadyTime::max();
    more = !backlog_.is_stopped() && must_spool(clock_.steady(), ignored);
  }
  return true;
}

bool SpoolTraffic::gather_left_behind(std::unique_lock<std::mutex>& lock, std::vector<Batch>& group,
                                      const WorkerGenerations& workers) {
  const SteadyTime stopped_at = *backlog_.stopped_at();
  // Workers give back what they could not deliver within the grace period; one that hangs keeps it.
  const SteadyTime grace_ends = stopped_at + kWorkerGrace;
  while (workers.running() > 0 && clock_.steady() < grace_ends) {
    backlog_.wait_to_spool(lock, grace_ends);
  }
  // A failing disk gets another chance or two, if there is time left at the end.
  if (backlog_.empty() && held_.empty()) return false;
  if (spool_retry_at_ > stopped_at + kSaveRetries) return false;
  while (clock_.steady() < spool_retry_at_) backlog_.wait_to_spool(lock, spool_retry_at_);
  spooler_busy_ = true;
  while (!is_enough(group, settings_.queue.max_bytes)) {
    if (backlog_.has_given_back()) {
      backlog_.take_given_back(group.emplace_back());
    } else if (!held_.empty()) {
      take_held(group.emplace_back());
    } else if (backlog_.depth() > 0) {
      backlog_.take(group.emplace_back(), Queue::Order::protected_first);
    } else {
      break;
    }
  }
  return !group.empty();
}

void SpoolTraffic::spooled(std::vector<Batch>& group, const SpoolAppend& result) {
  auto next_refused = result.refused.begin();
  auto next_failed = result.failed.begin();
  std::uint32_t index = 0;
  Tally stored;
  Tally refused;
  std::vector<std::uint32_t> failed;
  for (Batch& batch : group) {
    failed.clear();
    for (std::uint32_t i = 0; i < batch.size(); ++i, ++index) {
      if (next_refused != result.refused.end() && *next_refused == index) {
        ++next_refused;
        refused.add(batch.is_protected(i));
      } else if (next_failed != result.failed.end() && *next_failed == index) {
        ++next_failed;
        failed.push_back(i);
      } else {
        stored.add(batch.is_protected(i));
      }
    }
    if (!failed.empty()) batch.move_to_front(0, batch.size(), failed);
    backlog_.release(batch, failed.size(), batch.size());
    if (!batch.empty()) held_.push_back(std::move(batch));
  }
  group.clear();
  ledger_.spooled(stored);
  ledger_.given_up(Ending::queue_full, refused);
  spooler_busy_ = false;
  group_ended_at_ = clock_.steady();
  if (!result.failed.empty()) spool_retry_at_ = clock_.steady() + kWritePause;
  see_unread();
}

void SpoolTraffic::count(const std::vector<SpoolLoss>& lost) {
  for (const SpoolLoss& loss : lost) {
    const Tally tally{loss.records, loss.kind.is_protected ? loss.records : 0};
    ledger_.lost_on_disk(
        loss.reason == SpoolLoss::Reason::evicted ? Ending::evicted : Ending::damaged, tally);
  }
}

void SpoolTraffic::spooler_ended() { spooler_running_ = spooler_busy_ = false; }

bool SpoolTraffic::empty() const {
  return held_.empty() && !spooler_busy_ && !(spool_ && spool_->has_unread());
}

}  // namespace ship
