#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "stage/choose/filter.hpp"
#include "stage/choose/filter_settings.hpp"
#include "stage/choose/trace_position.hpp"

namespace ship {

/// Keeps a fixed share of the records, and all whose level always passes. TracePosition decides
/// which.
class SampleFilter : public Filter {
 public:
  SampleFilter(double rate, TracePosition position, LevelSet always)
      : position_(std::move(position)),
        always_(std::move(always)),
        rate_(rate),
        threshold_(TracePosition::threshold(rate)) {}

  std::string_view name() const override { return "sample"; }
  std::size_t choose(std::span<Record> records, SteadyTime now) override;
  std::optional<double> rate() const override { return rate_; }

 private:
  TracePosition position_;
  LevelSet always_;
  double rate_;
  std::uint64_t threshold_;
};

/// Keeps the share of the records that comes closest to a number of records a second. It counts
/// arrivals in slices of 100 ms; when more come than before, the rate falls at once; when fewer
/// come, it rises slowly, over about the window. Records whose level always passes count towards
/// the target. Traces stay whole while the rate does not change.
class AdaptiveFilter : public Filter {
 public:
  AdaptiveFilter(const AdaptiveSettings& settings, TracePosition position, LevelSet always);

  std::string_view name() const override { return "adaptive"; }
  std::size_t choose(std::span<Record> records, SteadyTime now) override;
  std::optional<double> rate() const override { return rate_.load(std::memory_order_relaxed); }

 private:
  void adjust(SteadyTime now);
  double smoothed(double before, double seen, double seconds) const;

  AdaptiveSettings settings_;
  TracePosition position_;
  LevelSet always_;
  SteadyTime slice_start_{};
  std::uint64_t seen_ = 0;         ///< in this slice, sampled ones
  std::uint64_t always_seen_ = 0;  ///< in this slice, those that always pass
  double eps_ = 0;                 ///< the running estimates, records a second
  double always_eps_ = 0;
  std::uint64_t threshold_;
  std::atomic<double> rate_;
};

}  // namespace ship
