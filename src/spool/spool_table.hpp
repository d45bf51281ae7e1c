#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "spool/spool.hpp"
#include "spool/spool_directory.hpp"
#include "spool/spool_segment.hpp"

namespace ship {

/// What the writer and the readers of a spool share. Two locks, taken in this order:
///   reading  one thread takes, settles, seals or removes; held across I/O
///   state    the numbers and the table; held for a few lookups, never across I/O, so that counts
///            never wait for the disk
/// A segment is erased under both, so either keeps a pointer to one alive.
struct SpoolTable {
  SpoolTable(Files& files_, SpoolOptions options_, SpoolDirectory directory_, bool read_only_)
      : files(files_),
        options(std::move(options_)),
        read_only(read_only_),
        directory(std::move(directory_)) {}

  Files& files;
  const SpoolOptions options;
  const bool read_only;
  SpoolDirectory directory;  ///< reading
  std::atomic<std::uint64_t> written = 0;

  std::mutex reading;
  mutable std::mutex state;

  // state
  std::map<std::uint64_t, std::unique_ptr<SpoolSegment>> segments;  ///< by id
  /// Segments that hold something to read and that the reader has not begun, by the lowest sequence
  /// that they may hold; protected ones separately.
  std::array<std::set<std::pair<std::uint64_t, std::uint64_t>>, 2> waiting;
  SpoolCounts counts;
  std::uint64_t next_sequence = 1;

  /// Null if there is none. The caller holds `state`.
  SpoolSegment* find(std::uint64_t id) {
    const auto found = segments.find(id);
    return found == segments.end() ? nullptr : found->second.get();
  }
  /// Adds a segment with something to read. The caller holds `state`.
  void add(std::unique_ptr<SpoolSegment> segment) {
    ++counts.segments;
    counts.records += segment->unread;
    if (segment->kind.is_protected) counts.protected_records += segment->unread;
    next_sequence = std::max(next_sequence, segment->last_sequence + 1);
    segment->waiting = true;
    waiting[segment->kind.is_protected].emplace(segment->first_sequence, segment->id);
    segments.emplace(segment->id, std::move(segment));
  }
  /// Removes a segment from `waiting`. The caller holds `state`.
  void unwait(SpoolSegment& segment) {
    if (!segment.waiting) return;
    segment.waiting = false;
    waiting[segment.kind.is_protected].erase({segment.first_sequence, segment.id});
  }
};

}  // namespace ship
