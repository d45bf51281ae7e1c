#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <set>
#include <utility>

#include "spool/spool_reader.hpp"

// The spool's reading side after reading: writes down what is acknowledged, and removes what is
// done.

namespace ship {
namespace {

void add_loss(SpoolEvents& events, SpoolClass kind) {
  for (SpoolLoss& loss : events.lost) {
    if (loss.kind == kind && loss.reason == SpoolLoss::Reason::evicted) {
      ++loss.records;
      return;
    }
  }
  events.lost.push_back({kind, 1, SpoolLoss::Reason::evicted});
}

}  // namespace

SpoolEvents SpoolReader::settle(SpoolBatch& batch, std::size_t acknowledged) {
  SpoolEvents events;
  if (batch.empty()) return events;
  const std::lock_guard reading(table_.reading);
  catch_up(events);
  const std::set<std::uint64_t> kept = settle_claims(batch, acknowledged);
  std::vector<SpoolSegment*> touched;
  {
    const std::lock_guard state(table_.state);
    SpoolCounts& counts = table_.counts;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const SpoolBatch::Origin& origin = batch.origins_[i];
      if (kept.count(origin.claim) != 0) continue;
      const std::uint32_t from = origin.from;
      const std::uint32_t to = origin.to;
      SpoolSegment* segment = table_.find(origin.segment);
      const bool gone = segment == nullptr;
      --counts.in_flight;
      if (!gone) {
        segment->taken.remove(from, to);
        --segment->in_flight;
        if (std::find(touched.begin(), touched.end(), segment) == touched.end()) {
          touched.push_back(segment);
        }
      }
      if (i < acknowledged || gone) {
        --counts.records;
        if (origin.is_protected) --counts.protected_records;
      }
      if (gone && i >= acknowledged) {
        add_loss(events, {origin.is_protected, batch.records_[i].level.severity});
      } else if (!gone && i < acknowledged) {
        segment->acknowledged.add({from, to, 1});
      } else if (!gone) {
        ++segment->unread;
        table_.add_unread_bytes(*segment, spool_line_bytes(from, to, 1));
        segment->position = std::min(segment->position, from);
        segment->peeked = false;
        make_active(*segment);
      }
    }
  }
  batch.clear();
  for (SpoolSegment* segment : touched) {
    if (!remove_if_done(*segment, false, events)) persist(*segment, nullptr, events);
  }
  forget_done_claims(false, events);
  return events;
}

void SpoolReader::seal(SpoolSegment& segment, File& file, SpoolEvents& events) {
  const std::lock_guard reading(table_.reading);
  {
    const std::lock_guard state(table_.state);
    segment.sealed = true;
    segment.appending = false;
  }
  if (!remove_if_done(segment, false, events)) persist(segment, &file, events);
}

bool SpoolReader::evict(std::uint64_t id, SpoolEvents& events) {
  const std::lock_guard reading(table_.reading);
  std::unique_ptr<SpoolSegment> segment;
  {
    const std::lock_guard state(table_.state);
    SpoolSegment* found = table_.find(id);
    if (found == nullptr || found->appending) return false;
    if (found->unread == 0 && found->in_flight > 0) return false;
    if (found->unread > 0) {
      events.lost.push_back({found->kind, found->unread, SpoolLoss::Reason::evicted});
    }
    table_.counts.records -= found->unread;
    if (found->kind.is_protected) table_.counts.protected_records -= found->unread;
    table_.take_unread_bytes(*found, found->unread_bytes);
    segment = take_out(*found);
  }
  segment->damaged = false;
  remove(std::move(segment), events);
  return true;
}

void SpoolReader::discard(std::unique_ptr<SpoolSegment> segment) {
  const std::lock_guard reading(table_.reading);
  segment->leftover = true;  // nobody needs it
  SpoolEvents ignored;
  remove(std::move(segment), ignored);
}

void SpoolReader::close(SpoolEvents& events) {
  check_names(events);
  const std::lock_guard reading(table_.reading);
  catch_up(events);
  std::vector<SpoolSegment*> segments;
  {
    const std::lock_guard state(table_.state);
    for (const auto& [id, segment] : table_.segments) segments.push_back(segment.get());
  }
  for (SpoolSegment* segment : segments) {
    if (remove_if_done(*segment, true, events)) continue;
    if (table_.options.mode != SpoolMode::durable || !segment->file) continue;
    if (auto synced = segment->file->sync(); !synced) events.error = std::move(synced).error();
  }
  forget_done_claims(true, events);
}

void SpoolReader::persist(SpoolSegment& segment, File* file, SpoolEvents& events) {
  if (table_.read_only) return;
  SpoolState slot = segment.next_state();
  {
    const std::lock_guard state(table_.state);
    slot.sealed = segment.sealed;
    slot.data_end = segment.end;
    slot.last_sequence = segment.last_sequence;
    slot.records = static_cast<std::uint32_t>(segment.acknowledged.records() + segment.in_flight +
                                              segment.unread);
  }
  auto written = file ? Result<void>() : open(segment);
  if (written) written = write_spool_state(file ? *file : *segment.file, slot, segment.salt);
  segment.unwritten = !written;
  if (written) return;
  has_unwritten_ = true;
  events.error = std::move(written).error();
  events.error->kind = ErrorKind::transient;
}

bool SpoolReader::remove_if_done(SpoolSegment& segment, bool closing, SpoolEvents& events) {
  std::unique_ptr<SpoolSegment> done;
  {
    const std::lock_guard state(table_.state);
    if (segment.unread > 0 || segment.in_flight > 0 || segment.appending) return false;
    // A drained segment that is still small is kept: the next records need no new file.
    const bool small = segment.end - kSpoolData < table_.options.segment_bytes / 4;
    if (!segment.sealed && !closing && small) return false;
    done = take_out(segment);
  }
  if (!table_.read_only) remove(std::move(done), events);
  return true;
}

void SpoolReader::remove(std::unique_ptr<SpoolSegment> segment, SpoolEvents& events) {
  Result<void> gone;
  if (segment->damaged) {
    auto aside = table_.directory.set_aside(std::string(name_of(segment->path)));
    if (aside) {
      events.messages.push_back("the damaged file was set aside as " + aside.value());
    } else {
      gone = std::move(aside).error();
    }
  } else {
    gone = table_.files.remove(segment->path);
  }
  if (gone || gone.error().code == ENOENT) return;
  if (!std::exchange(segment->leftover, true)) {
    events.messages.push_back(gone.error().message + "; it will be tried again");
    persist(*segment, nullptr, events);
  }
  leftovers_.push_back(std::move(segment));
}

void SpoolReader::catch_up(SpoolEvents& events) {
  for (auto& segment : std::exchange(leftovers_, {})) remove(std::move(segment), events);
  if (!std::exchange(has_unwritten_, false)) return;
  std::vector<SpoolSegment*> unwritten;
  {
    const std::lock_guard state(table_.state);
    for (const auto& [id, segment] : table_.segments) {
      if (segment->unwritten) unwritten.push_back(segment.get());
    }
  }
  for (SpoolSegment* segment : unwritten) persist(*segment, nullptr, events);
}

std::unique_ptr<SpoolSegment> SpoolReader::take_out(SpoolSegment& segment) {
  table_.unwait(segment);
  active_.erase(std::remove(active_.begin(), active_.end(), &segment), active_.end());
  table_.take_unread_bytes(segment, segment.unread_bytes);
  --table_.counts.segments;
  table_.counts.bytes -= segment.file_bytes;
  const auto found = table_.segments.find(segment.id);
  std::unique_ptr<SpoolSegment> out = std::move(found->second);
  table_.segments.erase(found);
  return out;
}

}  // namespace ship
