#pragma once

#include <array>
#include <cstdint>

#include "stats/snapshot.hpp"

namespace ship {

/// A number of records, and how many of them are protected.
struct Tally {
  std::uint64_t records = 0;
  std::uint64_t protected_records = 0;

  void add(bool is_protected) {
    ++records;
    protected_records += is_protected;
  }
};

/// The ledger of one lane: every record is entered once, moves between memory, workers and disk,
/// and ends once. Each method keeps LaneCounts::balanced true. After `abandoned`, later reports of
/// workers and the spooler change nothing. Not thread-safe: its lane guards it.
class LaneLedger {
 public:
  /// A worker may have records from disk before the spooler has reported them as stored: until then
  /// they count once, as the worker's.
  LaneCounts counts() const;

  /// Records arrived and are now in memory.
  void entered(Tally tally);
  /// Records arrived that this sink does not want.
  void filtered(std::uint64_t records = 1);
  /// Records that the queue has had no room for so far.
  std::uint64_t queue_losses() const {
    return counts_.dropped[static_cast<std::size_t>(Ending::queue_full)] +
           counts_.dropped[static_cast<std::size_t>(Ending::evicted)];
  }
  /// Records found on disk at the start.
  void recovered(Tally tally);

  /// A worker took records from memory, or from disk into memory.
  void taken(std::uint64_t records);
  void taken_from_disk(Tally tally);
  /// A worker's records are still on disk, as before.
  void left_on_disk(Tally tally);
  /// A worker's records are back in memory, with no worker.
  void put_down(std::uint64_t records);
  /// Records in memory, with no worker, are now on disk.
  void spooled(Tally tally);

  /// The ending of records that a worker had.
  void settled(Ending ending, Tally tally);
  /// The ending of records in memory that no worker had.
  void dropped(Ending reason, Tally tally);
  /// The same for records in memory that the spooler or a stage had.
  void given_up(Ending reason, Tally tally);
  /// The same for evicted ones, `protected_records` of them protected.
  void evicted(const std::array<std::uint64_t, 100>& by_severity, std::uint64_t protected_records);
  /// The ending of records on disk.
  void lost_on_disk(Ending reason, Tally tally);
  /// The ending of everything still in memory, including what hanging workers hold.
  void abandoned();
  bool is_abandoned() const { return abandoned_; }

 private:
  void end(Ending ending, Tally tally);
  LaneCounts counts_;  ///< without `spooled`; `pending` counts twice what was taken early
  std::uint64_t pending_protected_ = 0;
  std::int64_t spooled_ = 0;  ///< below 0: that many were taken before they were reported
  std::int64_t spooled_protected_ = 0;
  bool abandoned_ = false;
};

}  // namespace ship
