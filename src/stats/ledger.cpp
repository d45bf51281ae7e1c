#include "stats/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ship {

std::string_view drop_reason_text(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasons> kTexts = {
      "queue_full", "evicted", "rejected", "expired", "shutdown", "damaged"};
  return kTexts[static_cast<std::size_t>(reason)];
}

std::uint64_t LaneCounts::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

void FlushTimes::add(double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++buckets_[static_cast<std::size_t>(bound - kBounds.begin())];
  ++count_;
  sum_ += seconds;
  max_ = std::max(max_, seconds);
}

double FlushTimes::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return std::min(kBounds[i], max_);
  }
  return max_;
}

}  // namespace ship
