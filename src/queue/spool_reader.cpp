#include "queue/spool_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace ship {
namespace {

/// A segment that could not be read this often in a row is passed over until nothing else is left.
constexpr int kMaxReadFailures = 3;
constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

std::string records(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " record" : " records");
}

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

SpoolEvents SpoolReader::take(const SpoolTakeLimits& limits, SpoolBatch& batch) {
  SpoolEvents events;
  batch.clear();
  const std::lock_guard reading(table_.reading);
  {
    const std::lock_guard state(table_.state);
    for (SpoolSegment* segment : active_) {
      segment->visible_end = segment->end;
      segment->visible_unread = segment->unread;
    }
    see_waiting();
  }
  std::uint64_t bytes = 0;
  while (batch.size() < limits.max_records) {
    SpoolSegment* segment = next(limits.protected_first, events);
    if (segment == nullptr) break;
    const SpoolRecord& record = segment->cursor.record();
    if (record.sequence >= limits.before) break;
    bytes += record.record.line.size();
    if (!batch.empty() && bytes > limits.max_bytes) break;
    batch.add(record, segment->id, segment->position, segment->kind.is_protected);
    const std::uint32_t to = segment->cursor.to();
    segment->taken.add({segment->position, to, 0});
    segment->position = to;
    segment->peeked = false;
    ++segment->taken_now;
    --segment->visible_unread;
  }
  batch.finish();
  if (!batch.empty()) events.error.reset();  // the next take meets it again

  std::vector<SpoolSegment*> done;
  {
    const std::lock_guard state(table_.state);
    table_.counts.in_flight += batch.size();
    for (SpoolSegment* segment : active_) {
      segment->unread -= segment->taken_now;
      segment->in_flight += std::exchange(segment->taken_now, 0);
      if (segment->unread == 0 && segment->in_flight == 0) done.push_back(segment);
    }
    const auto drained = [](SpoolSegment* segment) {
      if (segment->unread != 0 || !segment->sealed) return false;
      segment->active = false;
      segment->cursor.reset();
      return true;
    };
    active_.erase(std::remove_if(active_.begin(), active_.end(), drained), active_.end());
  }
  // Only damage ends a segment here, where nothing of what was left can be read.
  for (SpoolSegment* segment : done) remove_if_done(*segment, false, events);
  return events;
}

SpoolSegment* SpoolReader::next(bool protected_first, SpoolEvents& events) {
  if (!protected_first) return next_among({true, true}, events);
  if (SpoolSegment* segment = next_among({false, true}, events)) return segment;
  return next_among({true, false}, events);
}

SpoolSegment* SpoolReader::next_among(std::array<bool, 2> groups, SpoolEvents& events) {
  for (bool last_resort = false;;) {
    SpoolSegment* best = nullptr;
    for (SpoolSegment* segment : active_) {
      if (!groups[segment->kind.is_protected] || segment->visible_unread == 0) continue;
      if (segment->read_failures >= kMaxReadFailures && !last_resort) continue;
      if (!peek(*segment, events)) {
        // It may be well again at the next call: until then nothing overtakes it.
        const int failures = segment->read_failures;
        if (failures > 0 && failures < kMaxReadFailures) return nullptr;
        continue;
      }
      if (best == nullptr || segment->cursor.record().sequence < best->cursor.record().sequence) {
        best = segment;
      }
    }
    std::uint64_t waiting = kNone;
    for (const bool group : {false, true}) {
      if (groups[group]) waiting = std::min(waiting, waiting_[group]);
    }
    if (waiting != kNone && (best == nullptr || waiting <= best->cursor.record().sequence)) {
      activate(waiting == waiting_[true] && groups[true]);
      continue;
    }
    if (best != nullptr || last_resort) return best;
    last_resort = true;
  }
}

bool SpoolReader::peek(SpoolSegment& segment, SpoolEvents& events) {
  while (!segment.peeked && segment.visible_unread > 0) {
    if (!segment.file) {
      auto file =
          table_.files.open(segment.path, table_.read_only ? OpenMode::read : OpenMode::update);
      if (!file) {
        read_failed(segment, std::move(file).error(), events);
        return false;
      }
      segment.file = std::move(file).value();
    }
    const SpoolCursor::Found found = segment.peek();
    if (found == SpoolCursor::Found::record) {
      segment.peeked = true;
      segment.read_failures = 0;
    } else if (found == SpoolCursor::Found::failed) {
      read_failed(segment, segment.cursor.error(), events);
      return false;
    } else if (!skip_damage(segment, found, events)) {
      return false;
    }
  }
  return segment.peeked;
}

Result<void> SpoolReader::open(SpoolSegment& segment) {
  if (segment.file) return {};
  const OpenMode mode = table_.read_only ? OpenMode::read : OpenMode::update;
  auto file = table_.files.open(segment.path, mode);
  if (!file) return std::move(file).error();
  segment.file = std::move(file).value();
  return {};
}

void SpoolReader::read_failed(SpoolSegment& segment, Error error, SpoolEvents& events) {
  if (++segment.read_failures == kMaxReadFailures) {
    events.messages.push_back(error.message +
                              "; its records stay on disk, the other files are delivered first");
  }
  error.kind = ErrorKind::transient;
  events.error = std::move(error);
}

bool SpoolReader::skip_damage(SpoolSegment& segment, SpoolCursor::Found found,
                              SpoolEvents& events) {
  // How much is lost is known at once only by looking at all that follows.
  std::uint64_t good = 0;
  std::vector<SpoolRange> bad;
  const std::uint32_t from = segment.position;
  std::string reason = "it ends too early";
  if (found == SpoolCursor::Found::damage) {
    reason = segment.cursor.reason();
    std::uint32_t at = segment.cursor.to();
    bad.push_back({from, at, 0});
    SpoolCursor ahead(segment.salt);
    for (;;) {
      at = segment.skip_settled(at);
      const auto what = ahead.read(*segment.file, at, segment.settled_after(at));
      if (what == SpoolCursor::Found::end) break;
      if (what == SpoolCursor::Found::failed) {
        read_failed(segment, ahead.error(), events);
        return false;
      }
      if (what == SpoolCursor::Found::damage) bad.push_back({at, ahead.to(), 0});
      if (what == SpoolCursor::Found::record) ++good;
      at = ahead.to();
    }
  }
  const std::uint64_t lost = segment.visible_unread - std::min(segment.visible_unread, good);
  for (const SpoolRange& range : bad) segment.acknowledged.add(range);
  segment.damaged = true;
  segment.visible_unread -= lost;
  {
    const std::lock_guard state(table_.state);
    segment.unread -= lost;
    table_.counts.records -= lost;
    if (segment.kind.is_protected) table_.counts.protected_records -= lost;
  }
  if (lost > 0) events.lost.push_back({segment.kind, lost, SpoolLoss::Reason::damaged});
  events.messages.push_back(segment.path + " is damaged at byte " + std::to_string(from) + " (" +
                            reason + "): " + records(lost) +
                            " lost; the others are delivered, then the file is kept as *.bad");
  persist(segment, nullptr, events);
  return true;
}

void SpoolReader::see_waiting() {
  for (const bool group : {false, true}) {
    const auto& waiting = table_.waiting[group];
    waiting_[group] = waiting.empty() ? kNone : waiting.begin()->first;
  }
}

void SpoolReader::activate(bool group) {
  const std::lock_guard state(table_.state);
  auto& waiting = table_.waiting[group];
  if (!waiting.empty()) {
    SpoolSegment& segment = *table_.find(waiting.begin()->second);
    table_.unwait(segment);
    segment.visible_end = segment.end;
    segment.visible_unread = segment.unread;
    make_active(segment);
  }
  see_waiting();
}

void SpoolReader::make_active(SpoolSegment& segment) {
  if (std::exchange(segment.active, true)) return;
  active_.push_back(&segment);
}

SpoolEvents SpoolReader::settle(SpoolBatch& batch, std::size_t acknowledged) {
  SpoolEvents events;
  if (batch.empty()) return events;
  const std::lock_guard reading(table_.reading);
  catch_up(events);
  std::vector<SpoolSegment*> touched;
  {
    const std::lock_guard state(table_.state);
    SpoolCounts& counts = table_.counts;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const SpoolBatch::Origin& origin = batch.origins_[i];
      const std::uint32_t from = origin.from;
      const auto to =
          static_cast<std::uint32_t>(from + spool_footprint(batch.records_[i].line.size()));
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
    segment = take_out(*found);
  }
  segment->damaged = false;
  remove(std::move(segment), events);
  return true;
}

void SpoolReader::discard(std::unique_ptr<SpoolSegment> segment) {
  const std::lock_guard reading(table_.reading);
  segment->leftover = true;  // of no interest to anyone
  SpoolEvents ignored;
  remove(std::move(segment), ignored);
}

void SpoolReader::close(SpoolEvents& events) {
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
  --table_.counts.segments;
  table_.counts.bytes -= segment.file_bytes;
  const auto found = table_.segments.find(segment.id);
  std::unique_ptr<SpoolSegment> out = std::move(found->second);
  table_.segments.erase(found);
  return out;
}

}  // namespace ship
