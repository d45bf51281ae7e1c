#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "delivery/error_log.hpp"
#include "delivery/send_gate.hpp"
#include "queue/queue.hpp"
#include "record/record.hpp"
#include "settings.hpp"
#include "stats/ledger.hpp"

namespace ship {

/// The way of the records to one sink: its queue, its gate, its books. The reader submits, workers
/// take and settle. Everything is guarded by one mutex that nobody holds across I/O; it is held for
/// at most one read's records while they are copied in (256 KB, some 100 µs) or one batch's while
/// they are taken.
///
/// Every record ends in exactly one of the endings of LaneCounts, counted under the mutex, so that
/// a snapshot balances at any moment.
class Lane {
 public:
  /// `on_ended` is called once, by the last worker to end.
  Lane(const SinkSettings& settings, Clock& clock, LogFunction log, std::function<void()> on_ended);

  /// Where records go while the breaker is open; must outlive this lane's workers. Before they
  /// start.
  void set_fallback(Lane& fallback) { fallback_ = &fallback; }

  const std::string& name() const { return settings_.name; }
  const SinkSettings& settings() const { return settings_; }

  // The reader's side. Any number of threads.

  /// Takes the records over (copied; the views may go after the call). In drop mode it returns at
  /// once, or after at most `queue.wait`; in block mode when all are in, or when the lane is
  /// stopped.
  void submit(std::span<const Record> records);
  /// The same for records that another lane diverts here: `levels` and `min_level` do not apply.
  void submit_diverted(std::span<const Record> records);

  // The worker's side. One thread for each worker.

  /// Waits for a batch that is due (full, or its oldest record has waited batch_timeout, or the run
  /// is ending) and moves it into `batch`. Or answers `wake`: `wake_at` has come; `reopen`: the
  /// operator asked for it since `reopen_seen`, which is brought up to date; `ended`: no record
  /// will come any more, or the lane was stopped.
  enum class Taken : std::uint8_t { batch, wake, reopen, ended };
  Taken take(Batch& batch, std::optional<SteadyTime> wake_at, std::uint64_t& reopen_seen);

  /// How records of a batch ended.
  enum class Outcome : std::uint8_t { delivered, dead_lettered, diverted, rejected, expired };
  /// The records [begin, end) of `batch` have ended. Ignored after `abandon`.
  void settle(const Batch& batch, std::size_t begin, std::size_t end, Outcome outcome);
  /// The worker is done with the batch; frees its memory.
  void release(Batch& batch);

  /// Waits until the gate lets this worker send. `divert`: the breaker is open and there is a
  /// fallback; `stopped`: the lane was stopped first.
  enum class Turn : std::uint8_t { send, divert, stopped };
  Turn wait_for_turn(SendGate::Permit& permit);
  /// Hands the records [begin, end) to the fallback and settles them.
  void divert(const Batch& batch, std::size_t begin, std::size_t end);
  /// Tells the gate and the books of one attempt.
  struct Attempt {
    SendGate::Permit permit;
    double seconds = 0;
    std::uint64_t bytes_sent = 0;
    bool will_retry = false;
  };
  void report_success(const Attempt& attempt);
  enum class Failure : std::uint8_t { failing, throttling, needs_operator, refused, cancelled };
  /// `reason` is for people; the same reason again is counted, not logged again.
  void report_failure(const Attempt& attempt, Failure failure,
                      std::chrono::milliseconds retry_after, const std::string& reason);
  /// A worker's thread is about to end.
  void worker_ended();

  // The ending. Main or the drain's thread.

  /// No record will be submitted any more: workers end once the queue is empty.
  void close();
  /// The drain budget has begun: batches go out at once, backoff is cut short; in the second half
  /// of the budget protected records go first.
  void begin_drain(SteadyTime deadline);
  /// The budget is spent: interrupts every wait and every send.
  void stop();
  /// All workers ended.
  bool ended() const;
  /// Counts everything still pending as dropped by `shutdown`; later settles are ignored. After
  /// stop.
  void abandon();

  /// Fires when the lane is stopped; for what a worker waits for outside the lane.
  std::stop_token stop_token() const { return stop_source_.get_token(); }
  /// SIGHUP: each worker's sink reopens its files before its next batch.
  void request_reopen();

  LaneSnapshot snapshot() const;

 private:
  void take_over(std::span<const Record> records, bool diverted);
  bool wants(const Record& record) const;
  bool due(SteadyTime now, SteadyTime& due_at) const;
  void push(std::unique_lock<std::mutex>& lock, const Record& record, SteadyTime now);
  void count_dropped(DropReason reason, std::uint64_t records, std::uint64_t protected_records);
  std::uint32_t to_arrival_ms(SteadyTime time) const;

  const SinkSettings settings_;
  const LevelSet protected_levels_;
  const LevelSet levels_;
  Clock& clock_;
  const SteadyTime started_;
  const std::function<void()> on_ended_;
  Lane* fallback_ = nullptr;

  mutable std::mutex mutex_;
  std::condition_variable work_;  ///< workers wait: records, the gate, the end
  std::condition_variable room_;  ///< the reader waits: block mode and `wait`
  Queue queue_;
  SendGate gate_;
  LaneCounts counts_;
  std::uint64_t pending_protected_ = 0;
  LaneSnapshot books_;  ///< what counts_ has not
  std::uint32_t workers_running_ = 0;
  std::uint32_t workers_waiting_ = 0;
  std::uint32_t readers_waiting_ = 0;
  bool closed_ = false;
  bool stopped_ = false;
  bool abandoned_ = false;
  std::optional<SteadyTime> drain_deadline_;
  SteadyTime protected_first_from_ = SteadyTime::max();
  std::uint64_t reopen_generation_ = 0;
  std::stop_source stop_source_;
  ErrorLog errors_;  ///< has a lock of its own: it calls out
};

}  // namespace ship
