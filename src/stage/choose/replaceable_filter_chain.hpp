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

/// A FilterChain that another thread may replace while records pass. What the old one held back
/// continues with the first records that meet the new one, and its counts stay.
class ReplaceableFilterChain : public RecordFilter {
 public:
  /// Takes effect with the next call of `filter`; null: nothing is left out any more. Any thread.
  void replace(std::unique_ptr<FilterChain> next);

  /// True if nothing is left out, now or by the next call of `filter`. Any thread.
  bool empty() const { return empty_.load(std::memory_order_acquire); }

  std::uint64_t filter(std::vector<Record>& batch, bool end) override;
  std::optional<SteadyTime> wake_at() const override;

  /// The counts of all chains so far, by the names of their stages. Any thread.
  std::vector<StageCounts> counts() const;

 private:
  /// Moves what the present chain held back into `held`; returns how many of those records it left
  /// out.
  std::uint64_t take_next(std::vector<Record>& held);

  std::atomic<bool> empty_{true};
  std::atomic<bool> replaced_{false};
  mutable std::mutex mutex_;  ///< guards everything below that another thread may read
  std::unique_ptr<FilterChain> next_;
  std::unique_ptr<FilterChain>
      present_;  ///< used only by the filtering thread, which may read it unlocked
  std::unique_ptr<FilterChain> former_;  ///< its records are still in use
  std::vector<StageCounts> former_counts_;
};

}  // namespace ship
