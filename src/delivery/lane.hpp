#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "delivery/backlog.hpp"
#include "delivery/in_flight_batch.hpp"
#include "delivery/loss_meter.hpp"
#include "delivery/pipeline_pool.hpp"
#include "delivery/retry_controller.hpp"
#include "delivery/spool_traffic.hpp"
#include "delivery/transformation.hpp"
#include "delivery/worker_generations.hpp"
#include "record/record.hpp"
#include "settings/sink_settings.hpp"
#include "spool/spool.hpp"
#include "stage/choose/replaceable_filter_chain.hpp"
#include "stats/lane_ledger.hpp"
#include "tap/tap_hub.hpp"

namespace ship {

/// Records [begin, end) of a batch, and how they ended.
struct Settlement {
  std::size_t begin = 0;
  std::size_t end = 0;
  Ending ending = Ending::delivered;
};

/// The way of the records to one sink: its queue, its spool, its books, its attempts. The reader
/// submits, workers take, settle and return, the spooler moves records from memory to disk.
/// Everything is guarded by one mutex that nobody holds across I/O; it is held for at most one
/// read's records while they are copied in (256 KB: some 100 µs; up to 1 ms while the queue grows
/// and the system gives it new pages) or one batch's while they are taken. tests/bench/locks.py
/// watches that.
///
/// Three parts under the mutex know one thing each: the Backlog what waits in memory and who waits
/// for it, the SpoolTraffic what goes to disk and back, the WorkerGenerations who works. Workers
/// take the oldest records first, wherever they are. Every record has exactly one Ending, counted
/// under the mutex, so that a snapshot balances at any moment.
///
/// A lane outlives a change of its sink's settings: queue, spool and books stay, another generation
/// of workers takes over. So nothing is handed on that could be lost or counted twice.
class Lane {
 public:
  /// `spool` may be null. `on_change` is called, without any lock, when a worker or the spooler
  /// has ended, or a sink is lost.
  Lane(const SinkSettings& settings, Clock& clock, LogFunction log, std::unique_ptr<Spool> spool,
       std::function<void()> on_change);

  ~Lane();

  const std::string& name() const { return name_; }
  Spool* spool() const { return spool_.get(); }

  /// For one worker of the present generation.
  WorkerContext worker_context() const {
    const std::lock_guard lock(mutex_);
    return generations_.context();
  }
  /// For the generation whose workers have not asked for their context yet. They
  /// outlive them.
  void set_targets(LaneTargets targets);

  /// Settings that concern the lane alone take effect: levels, bounds of the queue, batches,
  /// retries. Those of the spool do not change. Any thread.
  void change(const SinkSettings& settings);
  /// The same for all settings: `settings.delivery.workers` new workers take over from the old
  /// ones, who give back what they have not delivered, and have until `until` for the attempt that
  /// is under way; then the new ones no longer wait for them. The backoff begins anew. Returns what
  /// interrupts the old ones' sends.
  std::stop_source replace_workers(const SinkSettings& settings, LaneTargets targets,
                                   SteadyTime until);
  /// No record comes but from a reader that is at it: that one is not held back any more.
  void retire();

  /// What changes the records of this lane on their way out of memory.
  PipelinePool& pipelines() { return pipelines_; }
  /// Leaves records out before they are queued, where the intake does not do that for this sink.
  /// From the next records on; null: leaves out nothing. What it holds back goes on with the next
  /// records, or when the lane is closed. Any thread.
  void set_filter_chain(std::unique_ptr<FilterChain> filter_chain);
  /// Where what the sink gets can be looked at. Before anybody works.
  void set_tap(TapPoint tap) { tap_ = tap; }
  const TapPoint& tap() const { return tap_; }

  // The reader's side. Any number of threads.

  /// Takes the records over (copied; the views may go after the call). In drop mode it returns at
  /// once, or after at most `queue.wait`, or with a spool when the disk has made room (see
  /// SpoolPatience); in block mode when all are in, or when the lane is
  /// stopped.
  void submit(std::span<const Record> records) {
    if (filter_chain_.empty()) {
      take_over(records, false, 0, true);
    } else {
      choose(records, false);
    }
  }
  /// The same for a beginning of the records: it stops before the first one that has to wait, and
  /// returns how many were taken over.
  std::size_t offer(std::span<const Record> records) {
    return filter_chain_.empty() ? take_over(records, false, 0, false) : 0;
  }
  /// The same for records that another lane diverts here: `levels` and `min_level` do not apply.
  void submit_diverted(std::span<const Record> records) { take_over(records, true, 0, true); }
  /// The same for a beginning of them, as `offer`.
  std::size_t offer_diverted(std::span<const Record> records) {
    return take_over(records, true, 0, false);
  }

  // The worker's side. One thread for each worker.

  /// Waits for records that are due (a full batch, or the oldest has waited batch_timeout, or the
  /// run is ending) and takes a batch of them. Or answers `wake`: `wake_at` has come; `reopen`: the
  /// operator asked for it since `context.reopen_seen`, which is brought up to date; `replaced`:
  /// another generation takes over; `ended`: no record will come any more, or the lane was stopped.
  enum class Taken : std::uint8_t { batch, wake, reopen, replaced, ended };
  Taken take(InFlightBatch& in_flight, std::optional<SteadyTime> wake_at, WorkerContext& context);
  /// Counts these endings, all of them at once.
  void settle(const InFlightBatch& in_flight, std::span<const Settlement> endings);
  /// Gives the in_flight back and empties it. Its first `finished` records are settled; the others
  /// stay with the lane: on disk, or in memory for the next generation, the spooler or `abandon`.
  void give_back(InFlightBatch& in_flight, std::size_t finished);

  /// Hands the records [begin, end) to the fallback and settles them.
  void divert(const InFlightBatch& in_flight, std::size_t begin, std::size_t end, Lane& fallback);
  /// Another batch could be sent now.
  bool has_full_batch() const;
  /// The limit on requests in flight is another one. `on_change` is called where it takes another
  /// worker to use it.
  void limit_changed();
  /// True: the lane could use one more worker, and counts on it from now on.
  bool add_worker();
  /// It could not be had after all.
  void worker_missing() {
    const std::lock_guard lock(mutex_);
    generations_.worker_missing();
  }
  /// When a worker may send, and how it went.
  RetryController& retry() { return retry_; }
  std::chrono::milliseconds retry_max_elapsed() const;
  /// The sink will never deliver anything again, whatever is tried.
  void sink_lost(const WorkerContext& context);
  /// The same of the present generation's; `on_change` is not called. Any thread.
  void mark_lost() {
    const std::lock_guard lock(mutex_);
    generations_.mark_lost();
  }
  void worker_ended(const WorkerContext& context);

  /// What was lost since the last call, and what waits, for a sink with books of its own.
  SinkLosses take_losses() {
    const std::lock_guard lock(mutex_);
    return losses_told_.take(ledger_.counts());
  }

  // The spooler's side. One thread, where there is a spool.

  /// Waits until records must go to disk and takes some batches of them, so many as are worth one
  /// sync; false: there will be none any more. After stop it takes all that the workers left
  /// behind, then the queue.
  bool take_for_spool(std::vector<Batch>& group);
  /// How the records of these batches fared, indexes running through all of them; empties them.
  /// What the disk refused goes on from memory.
  void spooled(std::vector<Batch>& group, const SpoolAppend& result);
  /// Takes records out of one of these batches that must not reach the disk, and counts them.
  void leave_out(Batch& batch, const std::vector<LeftOut>& left_out);
  void spooler_ended();
  bool workers_ended() const;
  /// Counts and logs what the spool reports beside its results. Any thread.
  void note(const SpoolEvents& events);

  // The ending. Main or the drain's thread.

  /// No record will be submitted any more: workers end once nothing waits.
  void close();
  /// The drain budget has begun: batches go out at once, backoff is cut short; in the second half
  /// of the budget protected records go first.
  void begin_drain(SteadyTime deadline);
  /// The budget is spent: interrupts every wait and every send.
  void stop();
  /// Workers and spooler ended.
  bool ended() const;
  /// Counts everything still in memory as dropped by `shutdown`; later settles are ignored. After
  /// stop. False: that was done before.
  bool abandon();

  /// The present generation said that its sink is lost.
  bool is_lost() const {
    const std::lock_guard lock(mutex_);
    return generations_.is_lost();
  }
  /// SIGHUP: each worker's sink reopens its files before its next batch, and backoff ends.
  void request_reopen();

  LaneSnapshot snapshot() const;

 private:
  void choose(std::span<const Record> records, bool end);
  /// `left_out` more were filtered out on the way here, and are counted.
  std::size_t take_over(std::span<const Record> records, bool diverted, std::uint64_t left_out,
                        bool may_wait);
  bool nothing_waits() const;
  /// True: a batch is in `in_flight`. Else `look_again` is lowered to when time alone changes that.
  bool take_oldest(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                   SteadyTime& look_again);
  bool take_from_disk(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                      std::uint64_t max_bytes);
  /// A batch is with a worker, and what it takes of the memory is charged; and no more.
  void take_charge(InFlightBatch& in_flight);
  void end_charge(InFlightBatch& in_flight);
  bool wants_worker(std::uint32_t limit) const;
  void give_back_to_disk(InFlightBatch& in_flight, std::size_t finished);

  const std::string name_;
  Clock& clock_;
  const std::function<void()> on_change_;
  const std::unique_ptr<Spool> spool_;
  PipelinePool pipelines_;
  TapPoint tap_;
  ReplaceableFilterChain filter_chain_;  ///< empty where the intake has chosen already
  std::mutex choosing_;                  ///< for who filters; taken before mutex_
  std::vector<Record> chosen_;

  /// The one lock that the reader shares with the workers. Held over no I/O and no allocation per
  /// record, and at most for copying in what one call of `submit` brings (Intake::kBatchRecords
  /// records, one read's bytes), for taking out one batch (delivery.batch_size records), or for
  /// copying the counts. Who waits for room lets go of it. Inside, the spool's `state` may be
  /// taken.
  mutable std::mutex mutex_;
  SinkSettings settings_;
  LaneLedger ledger_;
  LossMeter losses_told_;
  Backlog backlog_;
  SpoolTraffic traffic_;
  WorkerGenerations generations_;
  RetryController retry_;  ///< has a lock of its own
  const LogFunction log_;
  std::uint64_t lost_while_failing_ = 0;
  std::string spool_error_;  ///< see LaneSnapshot
};

}  // namespace ship
