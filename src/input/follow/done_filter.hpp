#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "input/record_filter.hpp"

namespace ship {

/// Leaves out the records of a followed file that a former run has done with, before another filter
/// sees them. The reader's.
class DoneFilter : public RecordFilter {
 public:
  using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  /// `next` outlives this; null: none.
  explicit DoneFilter(RecordFilter* next) : next_(next) {}

  /// Where the next records begin that are left out: first and last of each range, ascending. They
  /// live until the next call.
  void set_ranges(const Ranges& ranges) { ranges_ = &ranges; }

  std::uint64_t filter(std::vector<Record>& batch, bool end) override {
    std::uint64_t left_out = 0;
    if (ranges_ && !ranges_->empty()) {
      left_out = std::erase_if(batch, [this](const Record& record) { return is_done(record); });
    }
    return left_out + (next_ ? next_->filter(batch, end) : 0);
  }

  std::optional<SteadyTime> wake_at() const override {
    return next_ ? next_->wake_at() : std::nullopt;
  }

 private:
  bool is_done(const Record& record) const {
    const std::uint64_t at = record.id.sequence & ~kUnendedLine;
    auto behind = std::upper_bound(
        ranges_->begin(), ranges_->end(), at,
        [](std::uint64_t place, const auto& range) { return place < range.first; });
    return behind != ranges_->begin() && at <= (behind - 1)->second;
  }

  RecordFilter* const next_;
  const Ranges* ranges_ = nullptr;
};

}  // namespace ship
