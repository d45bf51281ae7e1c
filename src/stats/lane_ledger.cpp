#include "stats/lane_ledger.hpp"

#include <algorithm>

namespace ship {
namespace {

std::int64_t signed_of(std::uint64_t n) { return static_cast<std::int64_t>(n); }

/// How many were taken before they were reported.
std::uint64_t below_zero(std::int64_t n) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(-n, 0));
}

}  // namespace

LaneCounts LaneLedger::counts() const {
  LaneCounts counts = counts_;
  counts.spooled = static_cast<std::uint64_t>(std::max<std::int64_t>(spooled_, 0));
  counts.spooled_protected =
      static_cast<std::uint64_t>(std::max<std::int64_t>(spooled_protected_, 0));
  counts.pending -= below_zero(spooled_);
  return counts;
}

DropReason drop_reason_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::expired:
      return DropReason::expired;
    case Outcome::unredacted:
      return DropReason::redact;
    case Outcome::too_large:
      return DropReason::size_guard;
    default:
      return DropReason::rejected;
  }
}

void LaneLedger::entered(Tally tally) {
  counts_.submitted += tally.records;
  counts_.pending += tally.records;
  counts_.protected_records.submitted += tally.protected_records;
  pending_protected_ += tally.protected_records;
}

void LaneLedger::filtered(std::uint64_t records) {
  counts_.submitted += records;
  counts_.filtered += records;
}

void LaneLedger::recovered(Tally tally) {
  counts_.submitted += tally.records;
  spooled_ += signed_of(tally.records);
  spooled_protected_ += signed_of(tally.protected_records);
  counts_.protected_records.submitted += tally.protected_records;
}

void LaneLedger::taken_from_disk(Tally tally) {
  spooled_ -= signed_of(tally.records);
  spooled_protected_ -= signed_of(tally.protected_records);
  counts_.pending += tally.records;
  counts_.in_flight += tally.records;
  pending_protected_ += tally.protected_records;
}

void LaneLedger::left_on_disk(Tally tally) {
  counts_.in_flight -= tally.records;
  spooled(tally);
}

void LaneLedger::spooled(Tally tally) {
  counts_.pending -= tally.records;
  spooled_ += signed_of(tally.records);
  spooled_protected_ += signed_of(tally.protected_records);
  pending_protected_ -= tally.protected_records;
}

void LaneLedger::settled(Outcome outcome, Tally tally) {
  counts_.in_flight -= tally.records;
  counts_.pending -= tally.records;
  pending_protected_ -= tally.protected_records;
  switch (outcome) {
    case Outcome::delivered:
      counts_.delivered += tally.records;
      counts_.protected_records.delivered += tally.protected_records;
      break;
    case Outcome::dead_lettered:
      counts_.dead_lettered += tally.records;
      break;
    case Outcome::diverted:
      counts_.diverted += tally.records;
      break;
    case Outcome::rejected:
    case Outcome::expired:
    case Outcome::unredacted:
    case Outcome::too_large:
      drop(drop_reason_of(outcome), tally);
      break;
  }
}

void LaneLedger::dropped(DropReason reason, Tally tally) {
  counts_.pending -= tally.records;
  pending_protected_ -= tally.protected_records;
  drop(reason, tally);
}

void LaneLedger::evicted(const std::array<std::uint64_t, 100>& by_severity) {
  for (std::size_t s = 0; s < by_severity.size(); ++s) {
    if (by_severity[s] == 0) continue;
    counts_.evicted_by_severity[s] += by_severity[s];
    dropped(DropReason::evicted, {by_severity[s], 0});
  }
}

void LaneLedger::lost_on_disk(DropReason reason, Tally tally) {
  spooled_ -= signed_of(tally.records);
  spooled_protected_ -= signed_of(tally.protected_records);
  drop(reason, tally);
}

void LaneLedger::abandoned() {
  counts_.in_flight = 0;
  counts_.pending -= below_zero(spooled_);
  pending_protected_ -= below_zero(spooled_protected_);
  spooled_ = std::max<std::int64_t>(spooled_, 0);
  spooled_protected_ = std::max<std::int64_t>(spooled_protected_, 0);
  dropped(DropReason::shutdown, {counts_.pending, pending_protected_});
}

void LaneLedger::drop(DropReason reason, Tally tally) {
  counts_.dropped[static_cast<std::size_t>(reason)] += tally.records;
  counts_.dropped_protected[static_cast<std::size_t>(reason)] += tally.protected_records;
  counts_.protected_records.dropped += tally.protected_records;
}

}  // namespace ship
