#include "spool/spool_ranges.hpp"

#include <algorithm>
#include <utility>

namespace ship {
namespace {

/// The first range that ends after `position`.
template <class Ranges>
auto behind(Ranges& ranges, std::uint32_t position) {
  return std::upper_bound(ranges.begin(), ranges.end(), position,
                          [](std::uint32_t at, const SpoolRange& range) { return at < range.to; });
}

}  // namespace

SpoolRanges::SpoolRanges(std::vector<SpoolRange> ranges) : ranges_(std::move(ranges)) {
  for (const SpoolRange& range : ranges_) records_ += range.records;
}

void SpoolRanges::add(SpoolRange range) {
  records_ += range.records;
  auto right = behind(ranges_, range.from);
  if (right != ranges_.end() && right->from == range.to) {
    right->from = range.from;
    right->records += range.records;
  } else {
    right = ranges_.insert(right, range);
  }
  if (right == ranges_.begin()) return;
  const auto left = std::prev(right);
  if (left->to != right->from) return;
  left->to = right->to;
  left->records += right->records;
  ranges_.erase(right);
}

void SpoolRanges::remove(std::uint32_t from, std::uint32_t to) {
  const auto found = behind(ranges_, from);
  const SpoolRange right{to, found->to, 0};
  if (found->from < from) {
    found->to = from;
    if (right.from < right.to) ranges_.insert(std::next(found), right);
  } else if (right.from < right.to) {
    *found = right;
  } else {
    ranges_.erase(found);
  }
}

std::uint32_t SpoolRanges::skip(std::uint32_t position) const {
  const auto found = behind(ranges_, position);
  return found != ranges_.end() && found->from <= position ? found->to : position;
}

std::uint32_t SpoolRanges::next_start(std::uint32_t position, std::uint32_t limit) const {
  const auto found = behind(ranges_, position);
  if (found == ranges_.end()) return limit;
  return std::min(limit, std::max(position, found->from));
}

}  // namespace ship
