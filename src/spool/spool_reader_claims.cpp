#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "spool/spool_reader.hpp"

// The spool's reading side for a destination that makes objects: which records belong to one object
// is written down before it is sent, and such records come again together.

namespace ship {
namespace {

/// A claim whose records could not be read this often is given up: they come one by one then.
constexpr int kMostClaimFailures = 3;
/// Files of claims that are done with are removed together: that takes syncs.
constexpr std::size_t kDoneClaims = 8;

bool is_touched(const SpoolRanges& ranges, const SpoolClaim::Range& range) {
  return ranges.skip(range.from) != range.from ||
         ranges.next_start(range.from, range.to) < range.to;
}

}  // namespace

Result<void> SpoolReader::claim(SpoolBatch& batch, std::size_t begin, std::size_t end,
                                std::string name) {
  const std::lock_guard reading(table_.reading);
  SpoolClaim made;
  made.id = next_claim_++;
  made.name = std::move(name);
  std::map<std::uint64_t, SpoolClaim> former;
  for (std::size_t i = begin; i < end; ++i) {
    made.add(batch.claim_range(i));
    if (const std::uint64_t id = batch.origins_[i].claim; id != 0) former[id].id = id;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto found = former.find(batch.origins_[i].claim);
    if (found != former.end() && (i < begin || i >= end)) found->second.add(batch.claim_range(i));
  }
  Result<void> result = claim_files_.write(made);
  if (!result) return result;
  // Where a crash comes in between, two claims are for the same records. Then the later one is
  // dropped: nothing was sent by it.
  for (auto& [id, rest] : former) {
    rest.name = open_claims_.at(id).name;
    result = rest.ranges.empty() ? claim_files_.remove({id}) : claim_files_.write(rest);
    if (!result) {
      [[maybe_unused]] const auto removed = claim_files_.remove({made.id}).ok();
      return result;
    }
  }
  for (auto& [id, rest] : former) {
    if (rest.ranges.empty()) {
      open_claims_.erase(id);
    } else {
      open_claims_[id] = std::move(rest);
    }
  }
  for (std::size_t i = begin; i < end; ++i) batch.origins_[i].claim = made.id;
  const std::uint64_t id = made.id;
  open_claims_.emplace(id, std::move(made));
  return {};
}

bool SpoolReader::take_claimed(SpoolBatch& batch, SpoolEvents& events) {
  while (!waiting_claims_.empty()) {
    const std::uint64_t id = waiting_claims_.front();
    const SpoolClaim& claim = open_claims_.at(id);
    switch (read_claimed(claim, batch, events)) {
      case Claimed::whole: {
        batch.finish();
        batch.sort();
        batch.name_ = claim.name;
        waiting_claims_.pop_front();
        claim_failures_ = 0;
        const std::lock_guard state(table_.state);
        table_.counts.waiting_again -= claim.records();
        return true;
      }
      case Claimed::unreadable:
        batch.clear();
        if (++claim_failures_ < kMostClaimFailures) return true;
        break;
      case Claimed::broken:
        batch.clear();
        break;
    }
    claim_failures_ = 0;
    waiting_claims_.pop_front();
    drop_claim(id, events);
  }
  return false;
}

SpoolReader::Claimed SpoolReader::read_claimed(const SpoolClaim& claim, SpoolBatch& batch,
                                               SpoolEvents& events) {
  for (const SpoolClaim::Range& range : claim.ranges) {
    SpoolSegment* segment = nullptr;
    {
      const std::lock_guard state(table_.state);
      segment = table_.find(range.segment);
    }
    if (segment == nullptr) return Claimed::broken;
    if (auto opened = open(*segment); !opened) {
      if (opened.error().code == ENOENT) return Claimed::broken;
      events.error = std::move(opened).error();
      events.error->kind = ErrorKind::transient;
      return Claimed::unreadable;
    }
    SpoolCursor cursor(segment->salt);
    std::uint32_t records = 0;
    for (std::uint32_t at = range.from; at < range.to; at = cursor.to()) {
      const SpoolCursor::Found found = cursor.read(*segment->file, at, range.to);
      if (found == SpoolCursor::Found::failed) {
        events.error = cursor.error();
        events.error->kind = ErrorKind::transient;
        return Claimed::unreadable;
      }
      if (found != SpoolCursor::Found::record) return Claimed::broken;
      const SpoolRecord& record = cursor.record();
      batch.add(record, {segment->id, record.sequence, at, cursor.to(), claim.id,
                         segment->kind.is_protected});
      if (!record.record.id) batch.identify_last({segment->old_run, at});
      ++records;
    }
    if (records != range.records) return Claimed::broken;
  }
  return Claimed::whole;
}

void SpoolReader::drop_claim(std::uint64_t id, SpoolEvents& events) {
  const SpoolClaim claim = std::move(open_claims_.at(id));
  open_claims_.erase(id);
  [[maybe_unused]] const auto removed = claim_files_.remove({id}).ok();
  events.messages.push_back(std::to_string(claim.records()) + " records of the object " +
                            claim.name +
                            " cannot be read together again; they go into other objects, and some "
                            "may be stored twice");
  const std::lock_guard state(table_.state);
  SpoolCounts& counts = table_.counts;
  counts.waiting_again -= claim.records();
  counts.in_flight -= claim.records();
  for (const SpoolClaim::Range& range : claim.ranges) {
    SpoolSegment* segment = table_.find(range.segment);
    if (segment == nullptr) {
      counts.records -= range.records;
      if (range.kind.is_protected) counts.protected_records -= range.records;
      events.lost.push_back({range.kind, range.records, SpoolLoss::Reason::damaged});
      continue;
    }
    segment->taken.remove(range.from, range.to);
    segment->in_flight -= range.records;
    segment->unread += range.records;
    table_.add_unread_bytes(*segment, spool_line_bytes(range.from, range.to, range.records));
    segment->position = std::min(segment->position, range.from);
    segment->peeked = false;
    make_active(*segment);
  }
}

std::set<std::uint64_t> SpoolReader::settle_claims(const SpoolBatch& batch,
                                                   std::size_t acknowledged) {
  struct Share {
    std::uint64_t all = 0;
    std::uint64_t acknowledged = 0;
  };
  std::map<std::uint64_t, Share> shares;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.origins_[i].claim == 0) continue;
    Share& share = shares[batch.origins_[i].claim];
    ++share.all;
    if (i < acknowledged) ++share.acknowledged;
  }
  std::set<std::uint64_t> kept;
  for (const auto& [id, share] : shares) {
    if (share.acknowledged == 0) {
      kept.insert(id);
      waiting_claims_.push_back(id);
      const std::lock_guard state(table_.state);
      table_.counts.waiting_again += share.all;
      continue;
    }
    // Before its records are acknowledged one segment after the other.
    if (share.acknowledged == share.all && claim_files_.mark_done(id)) {
      done_claims_.push_back(std::move(open_claims_.at(id)));
    } else {
      [[maybe_unused]] const auto removed = claim_files_.remove({id}).ok();
    }
    open_claims_.erase(id);
  }
  return kept;
}

void SpoolReader::forget_done_claims(bool closing, SpoolEvents& events) {
  if (done_claims_.empty() || (!closing && done_claims_.size() < kDoneClaims)) return;
  const bool durable = table_.options.mode == SpoolMode::durable;
  std::set<std::uint64_t> safe;
  const auto is_safe = [&](const SpoolClaim::Range& range) {
    if (safe.count(range.segment) != 0) return true;
    SpoolSegment* segment = nullptr;
    {
      const std::lock_guard state(table_.state);
      segment = table_.find(range.segment);
    }
    if (segment != nullptr) {
      // What a slot has no room for is forgotten by a crash.
      if (segment->unwritten || segment->acknowledged.ranges().size() > kSpoolMaxRanges) {
        return false;
      }
      if (durable && (!open(*segment) || !segment->file->sync())) return false;
    }
    safe.insert(range.segment);
    return true;
  };
  std::vector<SpoolClaim> left;
  // Files that were removed with their last record must not come back.
  const bool names_are_safe = !durable || table_.directory.sync().ok();
  for (SpoolClaim& claim : done_claims_) {
    const bool all_safe =
        names_are_safe && std::all_of(claim.ranges.begin(), claim.ranges.end(), is_safe);
    if (!all_safe || !claim_files_.forget(claim.id)) left.push_back(std::move(claim));
  }
  done_claims_ = std::move(left);
  static_cast<void>(events);
}

void SpoolReader::adopt_claims(std::vector<SpoolClaimName> found, std::uint64_t& next_segment,
                               std::vector<std::string>& messages) {
  const std::lock_guard reading(table_.reading);
  std::sort(found.begin(), found.end(),
            [](const SpoolClaimName& a, const SpoolClaimName& b) { return a.id < b.id; });
  SpoolEvents events;
  std::vector<SpoolClaim> open;
  for (const SpoolClaimName& name : found) {
    next_claim_ = std::max(next_claim_, name.id + 1);
    std::optional<SpoolClaim> claim;
    if (!name.fresh) claim = claim_files_.read(name.id);
    // No new segment gets the number of one that a claim speaks of.
    for (std::size_t i = 0; claim && i < claim->ranges.size(); ++i) {
      next_segment = std::max(next_segment, claim->ranges[i].segment + 1);
    }
    if (!claim) {
      [[maybe_unused]] const auto removed = claim_files_.remove(name).ok();
    } else if (claim->done) {
      for (const SpoolClaim::Range& range : claim->ranges) acknowledge(range, events);
      done_claims_.push_back(*std::move(claim));
    } else {
      open.push_back(*std::move(claim));
    }
  }
  // What was made first counts.
  for (SpoolClaim& claim : open) {
    if (table_.options.keeps_batches && adopt_claim(claim)) {
      // Who wrote it may have been killed before it was safe from a loss of power.
      if (table_.options.mode == SpoolMode::durable) {
        [[maybe_unused]] const auto written = claim_files_.write(claim).ok();
      }
      waiting_claims_.push_back(claim.id);
      open_claims_.emplace(claim.id, std::move(claim));
    } else {
      [[maybe_unused]] const auto removed = claim_files_.remove({claim.id}).ok();
    }
  }
  forget_done_claims(true, events);
  messages.insert(messages.end(), events.messages.begin(), events.messages.end());
}

bool SpoolReader::adopt_claim(const SpoolClaim& claim) {
  const std::lock_guard state(table_.state);
  for (const SpoolClaim::Range& range : claim.ranges) {
    const SpoolSegment* segment = table_.find(range.segment);
    if (segment == nullptr || range.to > segment->end || range.records > segment->unread ||
        is_touched(segment->acknowledged, range) || is_touched(segment->taken, range)) {
      return false;
    }
  }
  for (const SpoolClaim::Range& range : claim.ranges) {
    SpoolSegment* segment = table_.find(range.segment);
    segment->taken.add({range.from, range.to, 0});
    segment->unread -= range.records;
    segment->in_flight += range.records;
    table_.take_unread_bytes(*segment, spool_line_bytes(range.from, range.to, range.records));
  }
  table_.counts.in_flight += claim.records();
  table_.counts.waiting_again += claim.records();
  return true;
}

void SpoolReader::acknowledge(const SpoolClaim::Range& range, SpoolEvents& events) {
  SpoolSegment* segment = nullptr;
  {
    const std::lock_guard state(table_.state);
    segment = table_.find(range.segment);
    if (segment == nullptr || range.to > segment->end || range.records > segment->unread ||
        is_touched(segment->acknowledged, range)) {
      return;
    }
    segment->acknowledged.add({range.from, range.to, range.records});
    segment->unread -= range.records;
    table_.take_unread_bytes(*segment, spool_line_bytes(range.from, range.to, range.records));
    table_.counts.records -= range.records;
    if (segment->kind.is_protected) table_.counts.protected_records -= range.records;
  }
  if (!remove_if_done(*segment, false, events)) persist(*segment, nullptr, events);
}

}  // namespace ship
