#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "queue/batch.hpp"
#include "spool/spool_batch.hpp"
#include "stats/lane_ledger.hpp"

namespace ship {

/// The records that a worker is handling, from the queue in memory or the spool on disk. Reused by
/// its worker. Views live until the lane takes the batch back.
class InFlightBatch {
 public:
  bool from_disk() const { return from_disk_; }
  std::size_t size() const { return from_disk_ ? disk_.size() : memory_.size(); }
  std::span<const Record> records(std::size_t begin, std::size_t end) const {
    return from_disk_ ? disk_.records(begin, end) : memory_.records(begin, end);
  }
  std::uint64_t sequence(std::size_t index) const {
    return from_disk_ ? disk_.sequence(index) : memory_.sequence(index);
  }
  Tally tally(std::size_t begin, std::size_t end) const {
    Tally tally;
    for (std::size_t i = begin; i < end; ++i) {
      tally.add(from_disk_ ? disk_.is_protected(i) : memory_.is_protected(i));
    }
    return tally;
  }
  /// As SpoolBatch::name.
  std::string name() const { return from_disk_ ? disk_.name() : std::string(); }
  /// Bytes of all lines.
  std::uint64_t bytes() const {
    std::uint64_t bytes = 0;
    for (const Record& record : records(0, size())) bytes += record.line.size();
    return bytes;
  }
  /// The records from memory, to be transformed; null if they came from disk, where they were
  /// transformed before.
  Batch* memory() { return from_disk_ ? nullptr : &memory_; }
  /// As Batch::in_doubt; an earlier run may have sent records that come from disk.
  bool in_doubt() const { return from_disk_ || memory_.in_doubt(); }
  void put_in_doubt() { memory_.put_in_doubt(); }
  /// As Batch::move_to_front.
  void move_to_front(std::size_t begin, std::size_t end, std::span<const std::uint32_t> front) {
    from_disk_ ? disk_.move_to_front(begin, end, front) : memory_.move_to_front(begin, end, front);
  }

 private:
  friend class Lane;
  bool from_disk_ = false;
  std::uint64_t generation_ = 0;  ///< of the worker that has it
  std::uint64_t charge_ = 0;      ///< bytes reserved for it on top of what the queue stores
  Batch memory_;
  SpoolBatch disk_;
};

}  // namespace ship
