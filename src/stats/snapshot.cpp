#include "stats/snapshot.hpp"

#include <algorithm>
#include <numeric>

namespace ship {

std::string_view health_text(SinkHealth health) {
  static constexpr std::string_view kTexts[] = {"good", "throttling", "failing", "needs_operator"};
  return kTexts[static_cast<std::size_t>(health)];
}

std::string_view ending_text(Ending ending) {
  static constexpr std::array<std::string_view, 13> kTexts = {
      "queue_full", "evicted",    "rejected",  "expired",       "shutdown", "duplicate", "damaged",
      "redact",     "size_guard", "delivered", "dead_lettered", "diverted", "filtered"};
  return kTexts[static_cast<std::size_t>(ending)];
}

std::uint64_t LaneCounts::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

void LaneCounts::hand_over_spool(std::uint64_t records, std::uint64_t of_them_protected) {
  constexpr auto kDamaged = static_cast<std::size_t>(Ending::damaged);
  const std::uint64_t found = std::min(records, spooled);
  const std::uint64_t found_protected = std::min({of_them_protected, spooled_protected, found});
  submitted -= found;
  protected_records.submitted -= found_protected;
  const std::uint64_t lost_protected =
      std::min(spooled_protected - found_protected, spooled - found);
  dropped[kDamaged] += spooled - found;
  dropped_protected[kDamaged] += lost_protected;
  protected_records.dropped += lost_protected;
  spooled = 0;
  spooled_protected = 0;
}

LaneCounts& LaneCounts::operator+=(const LaneCounts& other) {
  submitted += other.submitted;
  filtered += other.filtered;
  delivered += other.delivered;
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    dropped[i] += other.dropped[i];
    dropped_protected[i] += other.dropped_protected[i];
  }
  dead_lettered += other.dead_lettered;
  diverted += other.diverted;
  pending += other.pending;
  in_flight += other.in_flight;
  spooled += other.spooled;
  spooled_protected += other.spooled_protected;
  protected_records.submitted += other.protected_records.submitted;
  protected_records.delivered += other.protected_records.delivered;
  protected_records.dropped += other.protected_records.dropped;
  for (std::size_t i = 0; i < evicted_by_severity.size(); ++i) {
    evicted_by_severity[i] += other.evicted_by_severity[i];
  }
  return *this;
}

double LaneSnapshot::filled() const {
  const auto share = [](std::uint64_t used, std::uint64_t bound) {
    return bound == 0 ? 0 : static_cast<double>(used) / static_cast<double>(bound);
  };
  return std::max(share(queue_depth, queue_size), share(queue_bytes, queue_max_bytes));
}

void LaneSnapshot::add_former(const LaneSnapshot& former) {
  counts += former.counts;
  retries += former.retries;
  batches += former.batches;
  lost_while_failing += former.lost_while_failing;
  bytes_sent += former.bytes_sent;
  errors += former.errors;
  queue_depth += former.queue_depth;
  queue_bytes += former.queue_bytes;
  flush_seconds.add(former.flush_seconds);
  batch_sizes.add(former.batch_sizes);
  merge_stages(stages, former.stages);
}

}  // namespace ship
