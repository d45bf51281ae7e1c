#include "stats/lane_ledger.hpp"

#include <algorithm>

namespace ship {
namespace {

std::int64_t signed_of(std::uint64_t n) { return static_cast<std::int64_t>(n); }

/// How many records were taken before they were reported.
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

void LaneLedger::taken(std::uint64_t records) {
  if (!abandoned_) counts_.in_flight += records;
}

void LaneLedger::put_down(std::uint64_t records) {
  if (!abandoned_) counts_.in_flight -= records;
}

void LaneLedger::taken_from_disk(Tally tally) {
  if (abandoned_) return;
  spooled_ -= signed_of(tally.records);
  spooled_protected_ -= signed_of(tally.protected_records);
  counts_.pending += tally.records;
  counts_.in_flight += tally.records;
  pending_protected_ += tally.protected_records;
}

void LaneLedger::left_on_disk(Tally tally) {
  if (abandoned_) return;
  counts_.in_flight -= tally.records;
  spooled(tally);
}

void LaneLedger::spooled(Tally tally) {
  if (abandoned_) return;
  counts_.pending -= tally.records;
  spooled_ += signed_of(tally.records);
  spooled_protected_ += signed_of(tally.protected_records);
  pending_protected_ -= tally.protected_records;
}

void LaneLedger::settled(Ending ending, Tally tally) {
  if (abandoned_) return;
  counts_.in_flight -= tally.records;
  dropped(ending, tally);
}

void LaneLedger::dropped(Ending reason, Tally tally) {
  counts_.pending -= tally.records;
  pending_protected_ -= tally.protected_records;
  end(reason, tally);
}

void LaneLedger::given_up(Ending reason, Tally tally) {
  if (!abandoned_) dropped(reason, tally);
}

void LaneLedger::evicted(const std::array<std::uint64_t, 100>& by_severity,
                         std::uint64_t protected_records) {
  Tally tally{0, protected_records};
  for (std::size_t s = 0; s < by_severity.size(); ++s) {
    if (by_severity[s] == 0) continue;
    counts_.evicted_by_severity[s] += by_severity[s];
    tally.records += by_severity[s];
  }
  dropped(Ending::evicted, tally);
}

void LaneLedger::lost_on_disk(Ending reason, Tally tally) {
  if (abandoned_) return;
  spooled_ -= signed_of(tally.records);
  spooled_protected_ -= signed_of(tally.protected_records);
  end(reason, tally);
}

void LaneLedger::abandoned() {
  counts_.in_flight = 0;
  counts_.pending -= below_zero(spooled_);
  pending_protected_ -= below_zero(spooled_protected_);
  spooled_ = std::max<std::int64_t>(spooled_, 0);
  spooled_protected_ = std::max<std::int64_t>(spooled_protected_, 0);
  dropped(Ending::shutdown, {counts_.pending, pending_protected_});
  abandoned_ = true;
}

void LaneLedger::end(Ending ending, Tally tally) {
  switch (ending) {
    case Ending::delivered:
      counts_.delivered += tally.records;
      counts_.protected_records.delivered += tally.protected_records;
      return;
    case Ending::dead_lettered:
      counts_.dead_lettered += tally.records;
      return;
    case Ending::diverted:
      counts_.diverted += tally.records;
      return;
    case Ending::filtered:
      counts_.filtered += tally.records;
      return;
    case Ending::queue_full:
    case Ending::evicted:
    case Ending::rejected:
    case Ending::expired:
    case Ending::shutdown:
    case Ending::duplicate:
    case Ending::damaged:
    case Ending::redact:
    case Ending::size_guard:
      counts_.dropped[static_cast<std::size_t>(ending)] += tally.records;
      counts_.dropped_protected[static_cast<std::size_t>(ending)] += tally.protected_records;
      counts_.protected_records.dropped += tally.protected_records;
      return;
  }
}

}  // namespace ship
