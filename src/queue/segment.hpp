#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "record/record.hpp"

namespace ship {

/// What is stored of a record next to the bytes of its line. It stays at its address until its
/// segment is freed.
struct Slot {
  std::uint64_t sequence = 0;  ///< order of arrival in the lane, from 1
  WallNanos time = 0;
  RecordId id;
  std::uint32_t size = 0;        ///< bytes of the line
  std::uint32_t arrival_ms = 0;  ///< steady clock, low 32 bits of milliseconds
  std::uint32_t level_at = 0;
  std::uint8_t level_size = 0;
  Level level;
  std::uint8_t flags = 0;  ///< no bit-fields: writing one would read memory first

  static constexpr std::uint8_t kProtected = 1;
  static constexpr std::uint8_t kTransformed = 2;  ///< as in Record
  bool is_protected() const { return (flags & kProtected) != 0; }

  /// A view of the stored record, whose line is at `text`.
  Record record(const char* text) const {
    Record record;
    record.line = {text, size};
    record.time = time;
    record.id = id;
    record.level = level;
    record.level_size = level_size;
    record.level_at = level_at;
    record.transformed = (flags & kTransformed) != 0;
    return record;
  }

  /// Memory that a line of `size` bytes takes without its slot, padding included.
  static std::uint32_t text_footprint(std::size_t size) {
    return static_cast<std::uint32_t>((size + 7) & ~std::size_t{7});
  }
  /// Memory that a line of `size` bytes takes with its slot.
  static std::uint32_t footprint(std::size_t size);
  std::uint32_t footprint() const { return footprint(size); }
};
static_assert(sizeof(Slot) == 56);

inline std::uint32_t Slot::footprint(std::size_t size) {
  return static_cast<std::uint32_t>(sizeof(Slot)) + text_footprint(size);
}

/// A piece of memory that holds records of one class in order of arrival: lines grow from its
/// start, slots from its end downwards. A worker that walks slots written by another core thus
/// walks memory in a straight line, which the processor prefetches. Freed as a whole once none of
/// its records is queued or in flight.
struct Segment {
  Segment* next = nullptr;
  std::uint32_t capacity = 0;    ///< bytes behind this header
  std::uint32_t text_bytes = 0;  ///< taken by lines
  std::uint32_t slots = 0;       ///< taken by records
  std::uint32_t live = 0;        ///< records here that are queued or in flight
  std::uint32_t slack = 0;  ///< bytes left over at the end of a full segment, charged to the queue
  bool in_fifo = true;      ///< false: only its live records keep it alive
  char padding[3] = {};

  char* data() { return reinterpret_cast<char*>(this + 1); }
  Slot* slot(std::uint32_t index) { return reinterpret_cast<Slot*>(data() + capacity) - 1 - index; }
  std::uint32_t room() const {
    return capacity - text_bytes - slots * static_cast<std::uint32_t>(sizeof(Slot));
  }
};
static_assert(sizeof(Segment) % 8 == 0);

/// Gives out segments and keeps a few for reuse, so a steady flow allocates nothing. Not
/// thread-safe.
class SegmentPool {
 public:
  /// A line longer than this gets a segment of its own.
  static constexpr std::uint32_t kSegmentBytes = 64 * 1024 - sizeof(Segment);

  SegmentPool() = default;
  SegmentPool(const SegmentPool&) = delete;
  SegmentPool& operator=(const SegmentPool&) = delete;
  ~SegmentPool();

  /// An empty segment with room for at least `bytes`.
  Segment* get(std::uint32_t bytes);
  void put(Segment* segment);

 private:
  static constexpr std::uint32_t kKept = 32;
  Segment* free_ = nullptr;
  std::uint32_t free_count_ = 0;
};

}  // namespace ship
