#include "spool/spool_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace ship {
namespace {

/// A segment that fails to read this many times in a row is skipped until nothing else is left.
constexpr int kMaxReadFailures = 3;
constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

std::string records(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " record" : " records");
}

}  // namespace

SpoolEvents SpoolReader::take(const SpoolTakeLimits& limits, SpoolBatch& batch) {
  SpoolEvents events;
  batch.clear();
  const std::lock_guard reading(table_.reading);
  if (take_claimed(batch, events)) return events;
  {
    const std::lock_guard state(table_.state);
    see();
    // Of a large batch the lines are in memory once: they do not grow by doubling.
    if (table_.options.keeps_batches) {
      batch.lines_.reserve(std::min(limits.max_bytes, table_.counts.unread_bytes));
    }
  }
  std::uint64_t bytes = 0;
  while (batch.size() < limits.max_records) {
    SpoolSegment* segment = next(limits.protected_first, events);
    if (segment == nullptr) break;
    const SpoolRecord& record = segment->cursor.record();
    if (record.sequence >= limits.before) break;
    bytes += record.record.line.size();
    if (!batch.empty() && bytes > limits.max_bytes) break;
    const std::uint32_t to = segment->cursor.to();
    batch.add(record,
              {segment->id, record.sequence, segment->position, to, 0, segment->kind.is_protected});
    if (!record.record.id) batch.identify_last({segment->old_run, segment->position});
    segment->taken.add({segment->position, to, 0});
    segment->position = to;
    segment->peeked = false;
    ++segment->taken_now;
    segment->taken_bytes_now += record.record.line.size();
    --segment->visible_unread;
  }
  batch.finish();
  if (table_.options.keeps_batches) batch.sort();
  if (!batch.empty()) events.error.reset();  // the next take meets it again

  std::vector<SpoolSegment*> done;
  {
    const std::lock_guard state(table_.state);
    table_.counts.in_flight += batch.size();
    for (SpoolSegment* segment : active_) {
      segment->unread -= segment->taken_now;
      segment->in_flight += std::exchange(segment->taken_now, 0);
      table_.take_unread_bytes(*segment, std::exchange(segment->taken_bytes_now, 0));
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
  // Only damage ends a segment here, if nothing of the rest can be read.
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
        // It may work again at the next call; until then nothing overtakes it.
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
      if (auto opened = open(segment); !opened) {
        if (opened.error().code == ENOENT) {
          tell_removed(lose(segment, events), events);
        } else {
          read_failed(segment, std::move(opened).error(), events);
        }
        return false;
      }
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

std::uint64_t SpoolReader::lose(SpoolSegment& segment, SpoolEvents& events) {
  segment.visible_unread = 0;
  segment.peeked = false;
  const std::lock_guard state(table_.state);
  // Nothing will be added either.
  segment.sealed = true;
  const std::uint64_t lost = std::exchange(segment.unread, 0) - segment.taken_now;
  segment.unread = segment.taken_now;
  if (segment.unread == 0) table_.take_unread_bytes(segment, 0);
  table_.counts.records -= lost;
  if (segment.kind.is_protected) table_.counts.protected_records -= lost;
  if (lost > 0) events.lost.push_back({segment.kind, lost, SpoolLoss::Reason::damaged});
  return lost;
}

void SpoolReader::tell_removed(std::uint64_t lost, SpoolEvents& events) const {
  events.messages.push_back("files in " + table_.options.directory +
                            " were removed while they were in use: " + records(lost) + " lost");
}

void SpoolReader::check_names(SpoolEvents& events) {
  const std::lock_guard reading(table_.reading);
  std::vector<SpoolSegment*> segments;
  {
    const std::lock_guard state(table_.state);
    for (const auto& [id, segment] : table_.segments) {
      if (!segment->appending) segments.push_back(segment.get());
    }
  }
  bool removed = false;
  std::uint64_t lost = 0;
  for (SpoolSegment* segment : segments) {
    const auto there = table_.files.status(segment->path);
    if (there || there.error().code != ENOENT) continue;
    removed = true;
    lost += lose(*segment, events);
    remove_if_done(*segment, false, events);
  }
  if (removed) tell_removed(lost, events);
  if (auto restored = table_.directory.restore(); !restored) {
    events.error = std::move(restored).error();
    events.error->kind = ErrorKind::transient;
  }
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
  // To know at once how much is lost, look at everything that follows.
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
    if (segment.unread == 0) table_.take_unread_bytes(segment, 0);
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

void SpoolReader::see() {
  for (SpoolSegment* segment : active_) {
    segment->visible_end = segment->end;
    segment->visible_unread = segment->unread - segment->taken_now;
  }
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
    make_active(segment);
  }
  // See what all segments hold at one moment; otherwise a newer record could overtake an older one.
  see();
}

void SpoolReader::make_active(SpoolSegment& segment) {
  if (std::exchange(segment.active, true)) return;
  active_.push_back(&segment);
}

}  // namespace ship
