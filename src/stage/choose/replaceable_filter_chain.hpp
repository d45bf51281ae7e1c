#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "input/record_filter.hpp"
#include "stage/choose/filter_chain.hpp"

namespace ship {

/// A filter_chain that another thread may replace while records pass. What the old one held back
/// goes on with the first records that meet the new one, and its counts stay.
class ReplaceableFilterChain : public RecordFilter {
 public:
  /// From the next call of `filter` on; null: nothing is left out any more. Any thread.
  void replace(std::unique_ptr<FilterChain> next);

  /// Nothing is left out, now or by a call of `filter`. Any thread.
  bool empty() const { return empty_.load(std::memory_order_acquire); }

  std::uint64_t filter(std::vector<Record>& batch, bool end) override;
  std::optional<SteadyTime> wake_at() const override;

  /// Of all filter_chains so far, by the names of their stages. Any thread.
  std::vector<StageCounts> counts() const;

 private:
  /// Puts what the present one held back into `held`; returns how many records it left out of that.
  std::uint64_t take_next(std::vector<Record>& held);

  std::atomic<bool> empty_{true};
  std::atomic<bool> replaced_{false};
  mutable std::mutex mutex_;  ///< guards all below where another thread may look
  std::unique_ptr<FilterChain> next_;
  std::unique_ptr<FilterChain>
      present_;  ///< used by the filtering thread alone; it may read unlocked
  std::unique_ptr<FilterChain> former_;  ///< its records are still looked at
  std::vector<StageCounts> former_counts_;
};

}  // namespace ship
