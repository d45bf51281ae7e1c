#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace ship {

/// Counts how often a value fell between fixed bounds: one bucket for each upper bound, and one for
/// values above them all. A quantile is the upper bound of the bucket it falls in; the maximum is
/// exact.
template <const auto& kUpperBounds>
class Histogram {
 public:
  static constexpr auto& kBounds = kUpperBounds;

  void add(double value) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
    ++buckets_[static_cast<std::size_t>(bound - kBounds.begin())];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }
  void add(const Histogram& others) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += others.buckets_[i];
    count_ += others.count_;
    sum_ += others.sum_;
    max_ = std::max(max_, others.max_);
  }
  double quantile(double q) const {
    const double rank = std::max(std::ceil(q * static_cast<double>(count_)), 1.0);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      seen += buckets_[i];
      if (static_cast<double>(seen) >= rank) return std::min(kBounds[i], max_);
    }
    return max_;
  }
  double max() const { return max_; }
  double sum() const { return sum_; }
  std::uint64_t count() const { return count_; }
  /// Not cumulative; the last one is for values above all bounds.
  const auto& buckets() const { return buckets_; }

 private:
  std::array<std::uint64_t, kUpperBounds.size() + 1> buckets_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double max_ = 0;
};

}  // namespace ship
