#include "tap/tap_ring.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace ship {

static_assert(std::is_trivially_copyable_v<Record>);

void TapRing::push(std::span<const Record> records, std::uint32_t session, std::uint32_t point) {
  const std::uint64_t read = read_.load(std::memory_order_acquire);
  std::uint64_t written = written_.load(std::memory_order_relaxed);
  std::size_t taken = 0;
  for (const Record& record : records) {
    const std::size_t bytes = sizeof(Head) + record.line.size();
    if (bytes > kBytes - (written - read)) break;
    Head head{};
    head.left_out = gap_.exchange(0, std::memory_order_relaxed) & kCountMask;
    head.number = ++last_pushed_;
    head.session = session;
    head.point = point;
    head.size = static_cast<std::uint32_t>(record.line.size());
    head.record = record;
    head.record.line = {};
    write(written, &head, sizeof head);
    write(written + sizeof head, record.line.data(), record.line.size());
    written += bytes;
    ++taken;
  }
  written_.store(written, std::memory_order_release);
  if (taken < records.size()) leave_out(records.size() - taken);
}

void TapRing::leave_out(std::uint64_t count) {
  const std::uint64_t behind = std::uint64_t{last_pushed_} << kCountBits;
  std::uint64_t gap = gap_.load(std::memory_order_relaxed);
  while (!gap_.compare_exchange_weak(gap, behind | ((gap & kCountMask) + count),
                                     std::memory_order_relaxed)) {
  }
}

std::uint64_t TapRing::take_left_out() {
  const std::uint64_t behind = std::uint64_t{last_popped_} << kCountBits;
  std::uint64_t gap = gap_.load(std::memory_order_relaxed);
  while ((gap & kCountMask) > 0 && (gap & ~kCountMask) == behind) {
    if (gap_.compare_exchange_weak(gap, 0, std::memory_order_relaxed)) return gap & kCountMask;
  }
  return 0;
}

bool TapRing::pop(Taken& taken) {
  const std::uint64_t at = read_.load(std::memory_order_relaxed);
  if (at == written_.load(std::memory_order_acquire)) return false;
  Head head{};
  read(at, &head, sizeof head);
  taken.line.resize(head.size);
  read(at + sizeof head, taken.line.data(), head.size);
  taken.record = head.record;
  taken.record.line = taken.line;
  taken.left_out = head.left_out;
  last_popped_ = head.number;
  taken.session = head.session;
  taken.point = head.point;
  read_.store(at + sizeof head + head.size, std::memory_order_release);
  return true;
}

bool TapRing::has_news() const {
  return read_.load(std::memory_order_relaxed) != written_.load(std::memory_order_acquire) ||
         gap_.load(std::memory_order_relaxed) > 0;
}

void TapRing::clear() {
  Taken nobodys;
  while (pop(nobodys)) {
  }
  take_left_out();
}

void TapRing::write(std::uint64_t at, const void* from, std::size_t size) {
  const std::size_t begin = at % kBytes;
  const std::size_t first = std::min(size, kBytes - begin);
  std::memcpy(bytes_.get() + begin, from, first);
  if (first < size) {
    std::memcpy(bytes_.get(), static_cast<const char*>(from) + first, size - first);
  }
}

void TapRing::read(std::uint64_t at, void* to, std::size_t size) const {
  const std::size_t begin = at % kBytes;
  const std::size_t first = std::min(size, kBytes - begin);
  std::memcpy(to, bytes_.get() + begin, first);
  if (first < size) std::memcpy(static_cast<char*>(to) + first, bytes_.get(), size - first);
}

}  // namespace ship
