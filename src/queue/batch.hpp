#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "queue/segment.hpp"
#include "record/record.hpp"

namespace ship {

/// Records that left the queue together, in delivery order. Their bytes stay where the queue stored
/// them; the batch pins the segments until `Queue::release`. A worker reuses its batch, so a steady
/// flow allocates nothing.
class Batch {
 public:
  std::size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  std::span<const Record> records(std::size_t begin, std::size_t end) const {
    return {records_.data() + begin, end - begin};
  }
  std::uint64_t sequence(std::size_t index) const { return pins_[index].slot->sequence; }
  bool is_protected(std::size_t index) const { return pins_[index].slot->is_protected(); }

  /// Reorders [begin, end): the records at `front` (ascending, relative to begin) come first, then
  /// the rest; each group keeps its order.
  void move_to_front(std::size_t begin, std::size_t end, std::span<const std::uint32_t> front);

  /// An attempt may have stored some of the records, and whoever takes over the batch must know.
  /// Holds until the batch is refilled.
  void put_in_doubt() { in_doubt_ = true; }
  bool in_doubt() const { return in_doubt_; }

  /// Memory for the lines of replaced records; lives until all records are released.
  Arena& arena() {
    if (!arena_) arena_ = std::make_unique<Arena>();
    return *arena_;
  }
  /// Replaces the record at `index` with `record`. Its line is in the arena, or where the queue
  /// stored it.
  void replace(std::size_t index, const Record& record) { records_[index] = record; }

 private:
  friend class Queue;
  struct Pin {
    Slot* slot = nullptr;
    Segment* segment = nullptr;
  };
  std::vector<Record> records_;
  std::vector<Pin> pins_;
  std::unique_ptr<Arena> arena_;  ///< null until it is needed
  std::uint64_t ticket_ = 0;      ///< by which the queue knows what is left of it
  bool in_doubt_ = false;
};

}  // namespace ship
