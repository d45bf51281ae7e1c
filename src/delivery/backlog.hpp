#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "delivery/spool_patience.hpp"
#include "queue/queue.hpp"
#include "record/record.hpp"
#include "settings/sink_settings.hpp"
#include "spool/spool.hpp"
#include "stats/lane_ledger.hpp"

namespace ship {

/// How far a lane has come with what it was given.
struct LaneStanding {
  std::uint64_t next = 0;  ///< the sequence number of the next record
  /// Of the oldest record in memory without an ending, and which it is; `next` where all have one.
  std::uint64_t oldest = 0;
  RecordId oldest_id;
  bool stopped = false;  ///< what came lately may have been turned away
};

/// The records of one lane that wait in memory, and who waits: readers for room, workers for
/// records, the spooler for more than memory shall hold. Records that a worker gave back are older
/// than those in the queue. Not thread-safe: its lane's mutex guards it, and `lock` is a lock of
/// that; who waits lets go of it.
class Backlog {
 public:
  /// `settings` are the lane's: they outlive this object, and change under the lane's mutex alone.
  /// `spool`, whose disk sets the pace of the input, may be null. Records get sequence numbers
  /// above those in it.
  Backlog(const SinkSettings& settings, Clock& clock, LaneLedger& ledger, const Spool* spool);
  ~Backlog();

  /// Call when the settings have changed.
  void adopt();

  /// The result of a `submit`: how many records, from the first on, have been stored or ended, and
  /// whether a waiting worker must look again.
  struct Submitted {
    std::size_t taken = 0;
    bool wake_worker = false;
  };
  /// Copies the records in, as `Lane::submit` says, and counts them; `diverted` records go in
  /// whatever their level. Without `may_wait` it stops before the first record that has to wait for
  /// room.
  Submitted submit(std::unique_lock<std::mutex>& lock, std::span<const Record> records,
                   bool diverted, bool may_wait);

  LaneStanding standing() const;
  std::uint64_t depth() const { return queue_.depth(); }
  std::uint64_t bytes() const { return queue_.bytes(); }
  /// Whether the queue is at least half full, not counting what is in flight: time to use the
  /// spool.
  bool is_half_full() const;
  /// Whether the spool's disk took nothing for spool.wait while the input waited, and the queue has
  /// not fallen to half since.
  bool has_lost_patience() const { return patience_.is_spent(); }
  /// The same in plain English; empty if it has not.
  std::string stall_text() const;
  /// Whether nothing is queued or given back.
  bool empty() const { return queue_.depth() == 0 && given_back_.empty(); }

  /// Whether a full batch waits: more requests in flight would have work to do.
  bool has_full_batch() const;

  // The memory ceiling. A worker's batch takes memory in several forms: as stored, changed by
  // stages, encoded, compressed. From `reserve` to `unreserve` all of it counts against
  // queue.max_bytes, and all batches together may take half of that.

  /// Bytes of lines that one more batch may have on top of `in_flight` others; 0: none for now,
  /// which the snapshot shows. A single batch is always allowed.
  std::uint64_t batch_allowance(std::uint32_t in_flight);
  /// For a batch of `bytes` of lines, and what there is `beside` them; `stored`: the queue stores,
  /// and charges, them already.
  /// Returns what to hand to `unreserve`.
  std::uint64_t reserve(std::uint64_t bytes, bool stored, std::uint64_t beside = 0);
  /// Bytes of lines that a batch may have when it is alone.
  std::uint64_t largest_batch() const;
  void unreserve(std::uint64_t charge) { queue_.unreserve(charge); }

  /// Whether workers should take from the queue now. Lowers `look_again` to when time alone changes
  /// the answer.
  bool is_due(SteadyTime now, SteadyTime& look_again) const;
  /// Takes one batch of the queue's records. In the second half of a drain protected ones go first.
  void take(Batch& batch, Queue::Order order, std::uint64_t max_bytes);
  void take(Batch& batch, Queue::Order order) {
    take(batch, order, settings_.delivery.batch_max_bytes);
  }
  Queue::Order order() const;

  bool has_given_back() const { return !given_back_.empty(); }
  /// Takes the batch that was given back and has the oldest record; there must be one.
  void take_given_back(Batch& batch);
  void give_back(Batch&& batch) { given_back_.push_back(std::move(batch)); }
  /// The records [begin, end) of the batch have left memory.
  void release(Batch& batch, std::size_t begin, std::size_t end) {
    queue_.release(batch, begin, end);
    if (draining_) released_at_ = clock_.steady();
  }

  /// No more records will be submitted.
  void close() { closed_ = true; }
  /// Batches go out at once; protected records go first once half of the time is over. In block
  /// mode bytes alone decide from now on who has room: the reader has little more to bring, and
  /// other lanes want it, too. From `hold_until` on nobody waits for room here, except a moment for
  /// a lane that moves: what finds none is lost for this lane (`shutdown`), and the other lanes get
  /// it in time.
  void begin_drain(SteadyTime deadline, SteadyTime hold_until);
  /// Ends all waits; nothing is taken in any more.
  void stop();
  /// Readers are no longer held back.
  void retire() { retired_ = true; }
  bool is_closed() const { return closed_; }
  bool is_draining() const { return draining_; }
  bool is_stopped() const { return stopped_at_.has_value(); }
  std::optional<SteadyTime> stopped_at() const { return stopped_at_; }

  // Waiting. Each wait ends when its kind is notified or at `until`; the caller then checks again.

  void wait_for_records(std::unique_lock<std::mutex>& lock, SteadyTime until);
  void wait_to_spool(std::unique_lock<std::mutex>& lock, SteadyTime until);
  bool readers_wait() const { return readers_waiting_ > 0; }
  bool workers_wait() const { return workers_waiting_ > 0; }
  void notify_readers() { room_.notify_all(); }
  void notify_worker() { work_.notify_one(); }
  void notify_workers() { work_.notify_all(); }
  void notify_spooler() { spill_.notify_all(); }
  void notify_all();

  /// Fills in what this object knows: the settings, depth, bounds, history.
  void report(LaneSnapshot& snapshot) const;

 private:
  /// What happened to records on their way into the queue. Entered in the ledger before the mutex
  /// is released.
  struct Arrivals {
    Tally entered;
    Tally dropped;
    Evictions evictions;
    std::uint64_t highest_depth = 0;
    std::uint32_t arrival_ms = 0;
  };

  bool wants(const Record& record) const;
  void push(std::unique_lock<std::mutex>& lock, const Record& record, SteadyTime now,
            Arrivals& arrivals);
  void wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t size, SteadyTime now,
                     Arrivals& arrivals);
  /// How long a record of `size` bytes that came at `came` and finds no room waits; none: not at
  /// all.
  std::optional<SteadyTime> wait_until(std::size_t size, SteadyTime came);
  void enter(Arrivals& arrivals);
  /// What the queue holds at most, as of now.
  Queue::Limits limits() const;
  /// How full the queue is, in thousandths of its bounds.
  std::uint32_t fill() const;
  std::uint32_t to_arrival_ms(SteadyTime time) const;

  const SinkSettings& settings_;
  Clock& clock_;
  LaneLedger& ledger_;
  const Spool* const spool_;
  const SteadyTime started_;
  LevelSet protected_levels_;
  LevelSet levels_;
  Queue queue_;
  std::uint32_t most_in_memory_ = 0;  ///< batches in flight when memory had no room for another
  SpoolPatience patience_;
  std::vector<Batch> given_back_;
  std::uint64_t depth_high_watermark_ = 0;
  QueueHistory history_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::condition_variable spill_;
  std::uint32_t workers_waiting_ = 0;
  std::uint32_t readers_waiting_ = 0;
  bool closed_ = false;
  bool draining_ = false;
  bool retired_ = false;
  bool turned_away_ = false;  ///< what found no room after `hold_until_`
  std::optional<SteadyTime> stopped_at_;
  SteadyTime hold_until_ = SteadyTime::max();
  SteadyTime::duration moment_{};  ///< how long a lane that moves may hold one submit after that
  SteadyTime released_at_{};       ///< when a record last left memory during the drain
  SteadyTime protected_first_from_ = SteadyTime::max();
};

}  // namespace ship
