#include "queue/queue.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace ship {

template <class Visit>
void Queue::Occupied::each(std::size_t begin, std::size_t end, Visit visit) const {
  for (std::size_t w = begin / 64; w < words.size() && w * 64 < end; ++w) {
    std::uint64_t word = words[w];
    while (word != 0) {
      const std::size_t i = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
      word &= word - 1;
      if (i >= begin && i < end) visit(i);
    }
  }
}

Queue::~Queue() {
  for (Fifo& fifo : fifos_) {
    while (fifo.head) {
      Segment* next = fifo.head->next;
      pool_.put(fifo.head);
      fifo.head = next;
    }
  }
}

std::size_t Queue::class_of(Severity severity, bool is_protected) {
  const std::size_t s = std::min<std::size_t>(severity, kSeverities - 1);
  return is_protected ? kSeverities + s : s;
}

std::size_t Queue::lowest_class(std::size_t begin, std::size_t end) const {
  std::size_t lowest = kClasses;
  occupied_.each(begin, end, [&](std::size_t i) { lowest = std::min(lowest, i); });
  return lowest;
}

std::size_t Queue::oldest_class(std::size_t begin, std::size_t end) const {
  std::size_t oldest = kClasses;
  std::uint64_t sequence = std::numeric_limits<std::uint64_t>::max();
  occupied_.each(begin, end, [&](std::size_t i) {
    if (fifos_[i].front()->sequence < sequence) {
      sequence = fifos_[i].front()->sequence;
      oldest = i;
    }
  });
  return oldest;
}

const Slot* Queue::oldest() const {
  if (depth_ == 0) return nullptr;
  return fifos_[oldest_class(0, kClasses)].front();
}

bool Queue::push(const Record& record, bool is_protected, std::uint32_t arrival_ms,
                 Evictions& evictions) {
  if (!has_room(record.line.size()) && !make_room(Slot::footprint(record.line.size()),
                                                  record.level.severity, is_protected, evictions)) {
    return false;
  }
  push_always(record, is_protected, arrival_ms);
  return true;
}

bool Queue::make_room(std::uint32_t footprint, Severity severity, bool is_protected,
                      Evictions& evictions) {
  // In terms of gives_way: the classes [0, lowest_end) give way lowest first, then those of
  // [oldest_begin, oldest_end) oldest first.
  const std::size_t lowest_end = is_protected ? kSeverities : 0;
  const std::size_t oldest_begin = is_protected ? kSeverities : 0;
  const std::size_t oldest_end =
      limits_.drop == DropPolicy::oldest ? class_of(severity, is_protected) + 1 : oldest_begin;
  std::uint64_t evictable_records = 0;
  std::uint64_t evictable_bytes = 0;
  occupied_.each(0, std::max(lowest_end, oldest_end), [&](std::size_t i) {
    evictable_records += fifos_[i].depth;
    evictable_bytes += fifos_[i].bytes;
  });
  if (depth_ - evictable_records >= limits_.records) return false;
  if (charged() - evictable_bytes + footprint > limits_.bytes) return false;

  while (depth_ >= limits_.records || charged() + footprint > limits_.bytes) {
    std::size_t victim = lowest_class(0, lowest_end);
    if (victim == kClasses) victim = oldest_class(oldest_begin, oldest_end);
    assert(victim < kClasses);
    const char* text = nullptr;
    unpin(pop_front(fifos_[victim], text).segment);
    ++evictions.total;
    if (victim >= kSeverities) ++evictions.protected_records;
    ++evictions.by_severity[victim % kSeverities];
  }
  return true;
}

void Queue::open_segment(Fifo& fifo, std::uint32_t footprint) {
  Segment* segment = pool_.get(footprint);
  if (fifo.depth > 0) {
    fifo.tail->slack = fifo.tail->room();
    fifo.bytes += fifo.tail->slack;
    bytes_ += fifo.tail->slack;
    fifo.tail->next = segment;
  } else {
    if (fifo.tail) {
      fifo.tail->in_fifo = false;
      if (fifo.tail->live == 0) pool_.put(fifo.tail);
    }
    fifo.head = segment;
    fifo.head_slot = fifo.head_text = 0;
  }
  fifo.tail = segment;
}

void Queue::push_always(const Record& record, bool is_protected, std::uint32_t arrival_ms) {
  const std::size_t i = class_of(record.level.severity, is_protected);
  Fifo& fifo = fifos_[i];
  const std::uint32_t footprint = Slot::footprint(record.line.size());
  if (fifo.tail && fifo.tail->live == 0) {
    fifo.tail->text_bytes = fifo.tail->slots = 0;
    fifo.head_slot = fifo.head_text = 0;
  }
  if (!fifo.tail || fifo.tail->room() < footprint) open_segment(fifo, footprint);

  Segment* segment = fifo.tail;
  Slot slot;
  slot.sequence = next_sequence_++;
  slot.time = record.time;
  slot.id = record.id;
  slot.size = static_cast<std::uint32_t>(record.line.size());
  slot.arrival_ms = arrival_ms;
  slot.level_at = record.level_at;
  slot.level_size = record.level_size;
  slot.level = record.level;
  slot.flags = static_cast<std::uint8_t>((is_protected ? Slot::kProtected : 0) |
                                         (record.transformed ? Slot::kTransformed : 0));
  new (segment->slot(segment->slots)) Slot(slot);
  std::memcpy(segment->data() + segment->text_bytes, record.line.data(), record.line.size());
  segment->text_bytes += Slot::text_footprint(record.line.size());
  ++segment->slots;
  ++segment->live;

  if (fifo.depth == 0) occupied_.set(i);
  ++fifo.depth;
  fifo.bytes += footprint;
  ++depth_;
  bytes_ += footprint;
}

Batch::Pin Queue::pop_front(Fifo& fifo, const char*& text) {
  assert(fifo.depth > 0);
  Segment* segment = fifo.head;
  Slot* slot = segment->slot(fifo.head_slot);
  text = segment->data() + fifo.head_text;
  ++fifo.head_slot;
  fifo.head_text += Slot::text_footprint(slot->size);
  const std::uint32_t footprint = slot->footprint();
  --fifo.depth;
  fifo.bytes -= footprint;
  --depth_;
  bytes_ -= footprint;

  if (fifo.depth == 0) {
    occupied_.clear(static_cast<std::size_t>(&fifo - fifos_.data()));
    if (segment->capacity > SegmentPool::kSegmentBytes) {
      // A segment made for one large record: an idle queue must not keep it.
      fifo.head = fifo.tail = nullptr;
      segment->in_fifo = false;
    }
  } else if (fifo.head_slot == segment->slots) {
    fifo.bytes -= segment->slack;
    bytes_ -= segment->slack;
    fifo.head = segment->next;
    fifo.head_slot = fifo.head_text = 0;
    segment->in_fifo = false;
  }
  return {slot, segment};
}

void Queue::unpin(Segment* segment) {
  assert(segment->live > 0);
  if (--segment->live == 0 && !segment->in_fifo) pool_.put(segment);
}

void Queue::take(std::uint64_t max_records, std::uint64_t max_bytes, Order order, Batch& batch) {
  assert(batch.empty());
  batch.in_doubt_ = false;
  std::uint64_t bytes = 0;
  if (order != Order::protected_first ||
      take_from(kSeverities, kClasses, max_records, max_bytes, bytes, batch)) {
    take_from(0, kClasses, max_records, max_bytes, bytes, batch);
  }
  note_taken(batch);
}

void Queue::note_taken(Batch& batch) {
  if (batch.empty()) return;
  batch.ticket_ = ++tickets_;
  taken_.push_back({batch.ticket_, oldest_of(batch)});
}

Queue::Held Queue::oldest_of(const Batch& batch) {
  std::size_t oldest = 0;
  for (std::size_t i = 1; i < batch.size(); ++i) {
    if (batch.sequence(i) < batch.sequence(oldest)) oldest = i;
  }
  return {batch.sequence(oldest), batch.records_[oldest].id};
}

std::optional<Queue::Held> Queue::oldest_held() const {
  std::optional<Held> oldest;
  if (const Slot* slot = this->oldest()) oldest = Held{slot->sequence, slot->id};
  for (const Taken& taken : taken_) {
    if (!oldest || taken.oldest.sequence < oldest->sequence) oldest = taken.oldest;
  }
  return oldest;
}

bool Queue::take_from(std::size_t begin, std::size_t end, std::uint64_t max_records,
                      std::uint64_t max_bytes, std::uint64_t& bytes, Batch& batch) {
  while (true) {
    // The class whose front arrived first, and how far it may be emptied before it is another
    // class's turn.
    std::size_t first = kClasses;
    std::uint64_t first_sequence = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t second_sequence = std::numeric_limits<std::uint64_t>::max();
    occupied_.each(begin, end, [&](std::size_t i) {
      const std::uint64_t sequence = fifos_[i].front()->sequence;
      if (sequence < first_sequence) {
        second_sequence = first_sequence;
        first_sequence = sequence;
        first = i;
      } else {
        second_sequence = std::min(second_sequence, sequence);
      }
    });
    if (first == kClasses) return true;
    Fifo& fifo = fifos_[first];
    const char* text = nullptr;
    do {
      const Slot* slot = fifo.front();
      if (batch.size() >= max_records) return false;
      if (!batch.empty() && bytes + slot->size > max_bytes) return false;
      bytes += slot->size;
      pinned_ += slot->footprint();
      batch.pins_.push_back(pop_front(fifo, text));
      batch.records_.push_back(slot->record(text));
    } while (fifo.depth > 0 && fifo.front()->sequence < second_sequence);
  }
}

void Queue::release(Batch& batch, std::size_t begin, std::size_t end) {
  const auto from = static_cast<std::ptrdiff_t>(begin);
  const auto to = static_cast<std::ptrdiff_t>(end);
  for (std::size_t i = begin; i < end; ++i) {
    pinned_ -= batch.pins_[i].slot->footprint();
    unpin(batch.pins_[i].segment);
  }
  batch.records_.erase(batch.records_.begin() + from, batch.records_.begin() + to);
  batch.pins_.erase(batch.pins_.begin() + from, batch.pins_.begin() + to);
  if (batch.empty() && batch.arena_) batch.arena_->reset();
  // A batch that is empty already may have been moved elsewhere with its ticket.
  if (begin == end) return;
  for (Taken& taken : taken_) {
    if (taken.ticket != batch.ticket_) continue;
    if (batch.empty()) {
      std::swap(taken, taken_.back());
      taken_.pop_back();
    } else {
      taken.oldest = oldest_of(batch);
    }
    break;
  }
}

}  // namespace ship
