#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "input/record_filter.hpp"
#include "stage/choose/filter.hpp"
#include "stage/choose/filter_settings.hpp"
#include "stage/stage_meter.hpp"

namespace ship {

/// All filters, in their fixed order: min_level, where, dedup, sample, rate_limit, adaptive. A
/// summary record of dedup skips the samplers. Filters that are not set cost nothing.
class FilterChain : public RecordFilter {
 public:
  /// `clock` outlives the chain. `seed` makes samplers and hashes differ between runs. Errors:
  /// config, with the key of the setting.
  static Result<std::unique_ptr<FilterChain>> make(const FilterSettings& settings, Clock& clock,
                                                   std::uint64_t seed);

  /// True if no filter is set: nothing is ever left out.
  bool empty() const { return stages_.empty(); }

  std::uint64_t filter(std::vector<Record>& batch, bool end) override;
  std::optional<SteadyTime> wake_at() const override;

  /// The counts of each filter that is set, in order. Any thread.
  std::vector<StageCounts> counts() const;

 private:
  struct Stage {
    std::unique_ptr<Filter> filter;
    std::unique_ptr<StageMeter> meter;
  };
  explicit FilterChain(Clock& clock) : clock_(clock) {}
  void add(std::unique_ptr<Filter> filter);

  Clock& clock_;
  std::vector<Stage> stages_;
  std::vector<Record> released_;
};

}  // namespace ship
