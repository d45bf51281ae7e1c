#pragma once

#include <cstdint>
#include <vector>

namespace ship {

/// The bytes [from, to) of a segment, on record boundaries, and how many records they hold.
struct SpoolRange {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t records = 0;
  friend bool operator==(const SpoolRange&, const SpoolRange&) = default;
};

/// Disjoint ranges in ascending order; neighbours that touch become one. A segment keeps two sets:
/// what is acknowledged, and what is in flight. Each worker leaves at most one hole, so they stay
/// short.
class SpoolRanges {
 public:
  SpoolRanges() = default;
  /// From stored ranges, which must be ascending and disjoint.
  explicit SpoolRanges(std::vector<SpoolRange> ranges);

  /// Adds a range that overlaps none of the present ones.
  void add(SpoolRange range);
  /// Removes [from, to), which must lie inside one range. For sets that do not count records.
  void remove(std::uint32_t from, std::uint32_t to);

  /// Where to continue reading: `position`, or the end of the range that it is in.
  std::uint32_t skip(std::uint32_t position) const;
  /// The first range that begins at `position` or later; none: `limit`.
  std::uint32_t next_start(std::uint32_t position, std::uint32_t limit) const;

  std::uint64_t records() const { return records_; }
  bool empty() const { return ranges_.empty(); }
  const std::vector<SpoolRange>& ranges() const { return ranges_; }

 private:
  std::vector<SpoolRange> ranges_;
  std::uint64_t records_ = 0;
};

}  // namespace ship
