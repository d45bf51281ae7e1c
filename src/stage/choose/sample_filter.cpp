#include "stage/choose/sample_filter.hpp"

#include <algorithm>
#include <chrono>

namespace ship {

using std::chrono::duration;

namespace {
constexpr std::chrono::milliseconds kSlice{100};
}

std::size_t SampleFilter::choose(std::span<Record> records, SteadyTime) {
  const auto end = std::remove_if(records.begin(), records.end(), [this](const Record& record) {
    if (always_.contains(record.level, record.level_name())) return false;
    return position_.of(record) < threshold_;
  });
  return static_cast<std::size_t>(end - records.begin());
}

AdaptiveFilter::AdaptiveFilter(const AdaptiveSettings& settings, TracePosition position,
                               LevelSet always)
    : settings_(settings),
      position_(std::move(position)),
      always_(std::move(always)),
      threshold_(TracePosition::threshold(settings.max_sample_rate)),
      rate_(settings.max_sample_rate) {}

std::size_t AdaptiveFilter::choose(std::span<Record> records, SteadyTime now) {
  if (slice_start_ == SteadyTime{}) slice_start_ = now;
  for (const Record& record : records) {
    ++(always_.contains(record.level, record.level_name()) ? always_seen_ : seen_);
  }
  // Do not wait for the end of a slice that already holds more than expected.
  const double slice_seconds = duration<double>(kSlice).count();
  const bool burst =
      static_cast<double>(seen_) > 2 * std::max(eps_, settings_.target_eps) * slice_seconds;
  if (burst || now - slice_start_ >= kSlice) adjust(now);

  const auto end = std::remove_if(records.begin(), records.end(), [this](const Record& record) {
    if (always_.contains(record.level, record.level_name())) return false;
    return position_.of(record) < threshold_;
  });
  return static_cast<std::size_t>(end - records.begin());
}

double AdaptiveFilter::smoothed(double before, double seen, double seconds) const {
  if (seen >= before) return before + (seen - before) / 2;
  const double window = duration<double>(settings_.window).count();
  return before + (seen - before) * std::min(1.0, seconds / window);
}

void AdaptiveFilter::adjust(SteadyTime now) {
  const double seconds =
      std::max(duration<double>(now - slice_start_).count(), duration<double>(kSlice).count());
  eps_ = smoothed(eps_, static_cast<double>(seen_) / seconds, seconds);
  always_eps_ = smoothed(always_eps_, static_cast<double>(always_seen_) / seconds, seconds);
  const double room = std::max(0.0, settings_.target_eps - always_eps_);
  const double wanted = eps_ > room ? room / eps_ : 1.0;
  const double rate = std::clamp(wanted, settings_.min_sample_rate, settings_.max_sample_rate);
  threshold_ = TracePosition::threshold(rate);
  rate_.store(rate, std::memory_order_relaxed);
  seen_ = 0;
  always_seen_ = 0;
  slice_start_ = now;
}

}  // namespace ship
