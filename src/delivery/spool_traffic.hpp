#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "delivery/backlog.hpp"
#include "delivery/worker_generations.hpp"
#include "queue/batch.hpp"
#include "settings/sink_settings.hpp"
#include "spool/spool.hpp"
#include "stats/lane_ledger.hpp"

namespace ship {

/// The traffic between one lane's memory and its spool: when records move, in which direction, and
/// what the disk failed to take. Order: what is on disk arrived before what the spooler holds, and
/// that before what is in the queue. Does no I/O itself: its lane does, without the mutex that
/// guards this object; `lock` is a lock on that mutex.
class SpoolTraffic {
 public:
  /// `settings` as in Backlog; `spool` may be null; there is no traffic then.
  SpoolTraffic(const SinkSettings& settings, Clock& clock, Backlog& backlog, LaneLedger& ledger,
               const Spool* spool);
  ~SpoolTraffic();

  // To the workers.

  /// Where a worker finds the records that are due. Lowers `look_again` to when time alone changes
  /// the answer. `memory`: the queue's records are the oldest.
  enum class Next : std::uint8_t { nothing, disk, held, memory };
  Next next(SteadyTime now, SteadyTime& look_again) const;
  bool has_unread() const { return spool_ && spool_->has_unread(); }
  /// Takes the oldest batch that the disk failed to take; there must be one.
  void take_held(Batch& batch);
  /// A worker took `tally` from disk; `failed`: the disk could not be read properly.
  void taken_from_disk(Tally tally, bool failed);
  /// Some records that a worker had may be unread again.
  void given_back();

  // To the disk.

  /// Whether the spooler must move records now; if not, sets when to look again.
  bool must_spool(SteadyTime now, SteadyTime& look_again) const;
  /// Waits until records must go to disk and takes some batches of them, as many as are worth one
  /// sync. False: there will be no more. After stop it takes everything the workers left behind,
  /// then the queue.
  bool gather(std::unique_lock<std::mutex>& lock, std::vector<Batch>& group,
              const WorkerGenerations& workers);
  /// Reports what happened to the records of a group, indexed across all its batches; empties it.
  /// What the disk failed to take continues from memory, and the disk gets a pause.
  void spooled(std::vector<Batch>& group, const SpoolAppend& result);

  /// Counts what left the spool without being taken.
  void count(const std::vector<SpoolLoss>& lost);

  void spooler_ended();
  bool is_spooler_running() const { return spooler_running_; }
  /// True if no records are on disk or between memory and disk.
  bool empty() const;

 private:
  bool gather_left_behind(std::unique_lock<std::mutex>& lock, std::vector<Batch>& group,
                          const WorkerGenerations& workers);
  void see_unread();

  const SinkSettings& settings_;
  Clock& clock_;
  Backlog& backlog_;
  LaneLedger& ledger_;
  const Spool* const spool_;
  std::deque<Batch> held_;  ///< older than the queue, newer than the disk; none is empty
  bool spooler_running_ = false;
  bool spooler_busy_ = false;
  SteadyTime spool_retry_at_{};
  SteadyTime disk_retry_at_{};
  SteadyTime group_ended_at_{};
  std::optional<SteadyTime> unread_since_;
};

}  // namespace ship
