#include "stats/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ship {

std::string_view drop_reason_text(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasons> kTexts = {
      "queue_full", "evicted", "rejected", "expired",
      "shutdown",   "damaged", "redact",   "size_guard"};
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

LaneCounts& LaneCounts::operator+=(const LaneCounts& other) {
  submitted += other.submitted;
  filtered += other.filtered;
  delivered += other.delivered;
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += other.dropped[i];
  dead_lettered += other.dead_lettered;
  diverted += other.diverted;
  pending += other.pending;
  in_flight += other.in_flight;
  spooled += other.spooled;
  protected_records.submitted += other.protected_records.submitted;
  protected_records.delivered += other.protected_records.delivered;
  protected_records.dropped += other.protected_records.dropped;
  for (std::size_t i = 0; i < evicted_by_severity.size(); ++i) {
    evicted_by_severity[i] += other.evicted_by_severity[i];
  }
  return *this;
}

void LaneSnapshot::add_former(const LaneSnapshot& former) {
  counts += former.counts;
  retries += former.retries;
  batches += former.batches;
  bytes_sent += former.bytes_sent;
  errors += former.errors;
  queue_depth += former.queue_depth;
  queue_bytes += former.queue_bytes;
  flush_seconds.add(former.flush_seconds);
  merge_stages(stages, former.stages);
}

void FlushTimes::add(const FlushTimes& others) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += others.buckets_[i];
  count_ += others.count_;
  sum_ += others.sum_;
  max_ = std::max(max_, others.max_);
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
