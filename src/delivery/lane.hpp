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

class SettledInput;

/// Records [begin, end) of a batch, and how they ended.
struct Settlement {
  std::size_t begin = 0;
  std::size_t end = 0;
  Ending ending = Ending::delivered;
};

/// The path of the records to one sink: its queue, spool, ledger and attempts. The reader submits,
/// workers take, settle and return, the spooler moves records from memory to disk. Everything is
/// guarded by one mutex that nobody holds across I/O; it is held for at most one read's records
/// while they are copied in (256 KB: some 100 µs; up to 1 ms while the queue grows and the system
/// gives it new pages) or one batch's while they are taken. tests/bench/locks.py watches this.
///
/// Three parts under the mutex know one thing each: the Backlog knows what waits in memory and who
/// waits for it, the SpoolTraffic what goes to disk and back, the WorkerGenerations who works.
/// Workers take the oldest records first, wherever they are. Every record has exactly one Ending,
/// counted under the mutex, so that a snapshot balances at any moment.
///
/// A lane outlives a change of its sink's settings: queue, spool and ledger stay, and a new
/// generation of workers takes over. So nothing is handed over that could be lost or counted twice.
class Lane {
 public:
  /// `spool` may be null. `on_change` is called, without any lock, when a worker or the spooler
  /// has ended, or a sink is lost.
  Lane(const SinkSettings& settings, Clock& clock, LogFunction log, std::unique_ptr<Spool> spool,
       std::function<void()> on_change);

  ~Lane();

  const std::string& name() const { return name_; }
  Spool* spool() const { return spool_.get(); }

  /// The context for one worker of the present generation.
  WorkerContext worker_context() const {
    const std::lock_guard lock(mutex_);
    return generations_.context();
  }
  /// Sets the targets for the generation whose workers have not asked for their context yet. The
  /// targets outlive the workers.
  void set_targets(LaneTargets targets);

  /// Applies settings that concern only the lane: levels, bounds of the queue, batches, retries.
  /// Spool settings do not change. Any thread.
  void change(const SinkSettings& settings);
  /// The same for all settings: `settings.delivery.workers` new workers take over from the old
  /// ones, which give back what they have not delivered and have until `until` to finish the
  /// current attempt; after that the new ones no longer wait for them. The backoff starts over.
  /// Returns what interrupts the old ones' sends.
  std::stop_source replace_workers(const SinkSettings& settings, LaneTargets targets,
                                   SteadyTime until);
  /// From now on records come only from a reader that is in the middle of a submit; it is no longer
  /// held back.
  void retire();

  /// Who is told when records have ended; null, as at first: nobody. It outlives the lane. Before
  /// the first record.
  void set_settled_input(SettledInput* settled_input);
  /// How far the lane has come with what it was given. Any thread.
  LaneStanding standing() const;
  /// Has the input's books look at this lane again. Without any lock.
  void tell_settled() const;

  /// What changes the records of this lane on their way out of memory.
  PipelinePool& pipelines() { return pipelines_; }
  /// Filters records out before they are queued, if the intake does not do that for this sink.
  /// Applies from the next records on; null: filters out nothing. What it holds back continues with
  /// the next records, or when the lane is closed. Any thread.
  void set_filter_chain(std::unique_ptr<FilterChain> filter_chain);
  /// Where what the sink gets can be looked at. Before anybody works.
  void set_tap(TapPoint tap) { tap_ = tap; }
  const TapPoint& tap() const { return tap_; }

  // The reader's side. Any number of threads.

  /// Takes the records over (copied; the views may become invalid after the call). In drop mode it
  /// returns at once, after at most `queue.wait`, or, with a spool, when the disk has made room
  /// (see SpoolPatience); in block mode it returns when all are in or the lane is stopped.
  void submit(std::span<const Record> records) {
    if (filter_chain_.empty()) {
      take_over(records, false, 0, true);
    } else {
      choose(records, false);
    }
  }
  /// The same for a prefix of the records: stops before the first one that would have to wait, and
  /// returns how many were taken over.
  std::size_t offer(std::span<const Record> records) {
    return filter_chain_.empty() ? take_over(records, false, 0, false) : 0;
  }
  /// The same for records that another lane diverts here: `levels` and `min_level` do not apply.
  void submit_diverted(std::span<const Record> records) { take_over(records, true, 0, true); }
  /// The same for a prefix of them, as `offer`.
  std::size_t offer_diverted(std::span<const Record> records) {
    return take_over(records, true, 0, false);
  }

  // Worker side. One thread for each worker.

  /// Waits for records that are due (a full batch, or the oldest has waited batch_timeout, or the
  /// run is ending) and takes a batch of them. Otherwise returns `wake`: `wake_at` has come;
  /// `reopen`: the operator asked for it since `context.reopen_seen`, which is updated; `replaced`:
  /// another generation takes over; `ended`: no more records will come, or the lane was stopped.
  enum class Taken : std::uint8_t { batch, wake, reopen, replaced, ended };
  Taken take(InFlightBatch& in_flight, std::optional<SteadyTime> wake_at, WorkerContext& context);
  /// Writes down that the records [begin, end), which came from disk, become one object of this
  /// name. Errors: transient; then it must not be sent.
  Result<void> claim(InFlightBatch& in_flight, std::size_t begin, std::size_t end,
                     std::string name) {
    return spool_->claim(in_flight.disk_, begin, end, std::move(name));
  }
  /// Counts these endings, all of them at once.
  void settle(const InFlightBatch& in_flight, std::span<const Settlement> endings);
  /// Gives the batch back and empties it. Its first `finished` records are settled; the rest stay
  /// with the lane: on disk, or in memory for the next generation, the spooler or `abandon`.
  void give_back(InFlightBatch& in_flight, std::size_t finished);

  /// Hands the records [begin, end) to the fallback and settles them.
  void divert(const InFlightBatch& in_flight, std::size_t begin, std::size_t end, Lane& fallback);
  /// Whether another batch could be sent now.
  bool has_full_batch() const;
  /// The limit on requests in flight has changed. Calls `on_change` if it takes another worker to
  /// use it.
  void limit_changed();
  /// True: the lane can use one more worker, and expects it from now on.
  bool add_worker();
  /// The expected worker could not be made after all.
  void worker_missing() {
    const std::lock_guard lock(mutex_);
    generations_.worker_missing();
  }
  /// Decides when a worker may send, and learns how it went.
  RetryController& retry() { return retry_; }
  std::chrono::milliseconds retry_max_elapsed() const;
  /// A worker reports that the sink will never deliver anything again, whatever is tried.
  void sink_lost(const WorkerContext& context);
  /// The same for the present generation's sink; does not call `on_change`. Any thread.
  void mark_lost() {
    const std::lock_guard lock(mutex_);
    generations_.mark_lost();
  }
  void worker_ended(const WorkerContext& context);

  /// What was lost since the last call, and what waits, for a sink that keeps its own books.
  SinkLosses take_losses() {
    const std::lock_guard lock(mutex_);
    return losses_told_.take(ledger_.counts());
  }

  // Spooler side. One thread, if there is a spool.

  /// Waits until records must go to disk and takes some batches of them, as many as are worth one
  /// sync. False: there will be no more. After stop it takes everything the workers left behind,
  /// then the queue.
  bool take_for_spool(std::vector<Batch>& group);
  /// Reports what happened to the records of these batches, indexed across all of them; empties
  /// them. What the disk refused continues from memory.
  void spooled(std::vector<Batch>& group, const SpoolAppend& result);
  /// Removes records that must not reach the disk from one of these batches, and counts them.
  void leave_out(Batch& batch, const std::vector<LeftOut>& left_out);
  void spooler_ended();
  bool workers_ended() const;
  /// Counts and logs what the spool reports in addition to its results. Any thread.
  void note(const SpoolEvents& events);

  // Shutdown. Main or the drain's thread.

  /// No more records will be submitted: workers end once nothing waits.
  void close();
  /// The drain budget has begun: batches go out at once, backoff is cut short; in the second half
  /// of the budget protected records go first. From `hold_until` on no reader is held back (see
  /// Backlog).
  void begin_drain(SteadyTime deadline, SteadyTime hold_until = SteadyTime::max());
  /// The budget is spent: interrupts every wait and every send.
  void stop();
  /// Whether workers and spooler have ended.
  bool ended() const;
  /// Counts everything still in memory as dropped by `shutdown`; later settles are ignored. Call
  /// after stop. False: already done.
  bool abandon();

  /// Whether the present generation has reported that its sink is lost.
  bool is_lost() const {
    const std::lock_guard lock(mutex_);
    return generations_.is_lost();
  }
  /// SIGHUP: each worker's sink reopens its files before its next batch, and backoff ends.
  void request_reopen();

  LaneSnapshot snapshot() const;

 private:
  void choose(std::span<const Record> records, bool end);
  /// `left_out` more were filtered out on the way here; this counts them.
  std::size_t take_over(std::span<const Record> records, bool diverted, std::uint64_t left_out,
                        bool may_wait);
  bool nothing_waits() const;
  /// True: a batch is in `in_flight`. Otherwise lowers `look_again` to when time alone changes
  /// that.
  bool take_oldest(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                   SteadyTime& look_again);
  bool take_from_disk(std::unique_lock<std::mutex>& lock, InFlightBatch& in_flight,
                      std::uint64_t max_bytes);
  /// Charges the memory of a batch that a worker has taken; `end_charge` undoes it.
  void take_charge(InFlightBatch& in_flight);
  void end_charge(InFlightBatch& in_flight);
  bool wants_worker(std::uint32_t limit) const;
  void give_back_to_disk(InFlightBatch& in_flight, std::size_t finished);

  const std::string name_;
  Clock& clock_;
  const std::function<void()> on_change_;
  const std::unique_ptr<Spool> spool_;
  SettledInput* settled_input_ = nullptr;
  PipelinePool pipelines_;
  TapPoint tap_;
  ReplaceableFilterChain filter_chain_;  ///< empty where the intake has chosen already
  std::mutex choosing_;                  ///< for who filters; taken before mutex_
  std::vector<Record> chosen_;

  /// The one lock that the reader shares with the workers. Never held across I/O or an allocation
  /// per record; held at most while copying in what one call of `submit` brings
  /// (Intake::kBatchRecords records, one read's bytes), taking out one batch (delivery.batch_size
  /// records), or copying the counts. Released while waiting for room. The spool's `state` lock may
  /// be taken inside.
  mutable std::mutex mutex_;
  SinkSettings settings_;
  LaneLedger ledger_;
  LossMeter losses_told_;
  Backlog backlog_;
  SpoolTraffic traffic_;
  WorkerGenerations generations_;
  RetryController retry_;  ///< has its own lock
  const LogFunction log_;
  std::uint64_t lost_while_failing_ = 0;
  std::string spool_error_;  ///< see LaneSnapshot
};

}  // namespace ship
