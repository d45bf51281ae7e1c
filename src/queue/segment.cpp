#include "queue/segment.hpp"

#include <algorithm>
#include <new>

namespace ship {

SegmentPool::~SegmentPool() {
  while (free_) {
    Segment* next = free_->next;
    ::operator delete(free_);
    free_ = next;
  }
}

Segment* SegmentPool::get(std::uint32_t bytes) {
  if (bytes <= kSegmentBytes && free_) {
    Segment* segment = free_;
    free_ = segment->next;
    --free_count_;
    *segment = Segment{};
    segment->capacity = kSegmentBytes;
    return segment;
  }
  const std::uint32_t capacity = std::max(bytes, kSegmentBytes);
  auto* segment = new (::operator new(sizeof(Segment) + capacity)) Segment{};
  segment->capacity = capacity;
  return segment;
}

void SegmentPool::put(Segment* segment) {
  if (segment->capacity == kSegmentBytes && free_count_ < kKept) {
    segment->next = free_;
    free_ = segment;
    ++free_count_;
    return;
  }
  ::operator delete(segment);
}

}  // namespace ship
