#include "tap/tap_hub.hpp"

#include <algorithm>

namespace ship {

TapPoint TapHub::sink(const std::string& name) { return {this, number_of(name)}; }

std::uint32_t TapHub::number_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) found = names_.insert(found, name);
  return static_cast<std::uint32_t>(found - names_.begin()) + 1;
}

std::string TapHub::name_of(std::uint32_t point) const {
  const std::lock_guard lock(mutex_);
  return point == kInput || point > names_.size() ? std::string() : names_[point - 1];
}

std::unique_ptr<TapHub::Reader> TapHub::look_at_sink(const std::string& name) {
  return open(name.empty() ? kAnySink : kOneSink + number_of(name));
}

std::unique_ptr<TapHub::Reader> TapHub::open(std::uint32_t what) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.taken) continue;
    slot.taken = true;
    if (slot.ring == nullptr) slot.ring = std::make_unique<TapRing>();
    slot.ring->clear();
    const std::uint32_t session = ++sessions_;
    slot.wanted.store(std::uint64_t{session} << 32 | what, std::memory_order_release);
    readers_.fetch_add(1, std::memory_order_relaxed);
    return std::unique_ptr<Reader>(new Reader(*this, i, session));
  }
  return nullptr;
}

void TapHub::close(std::size_t slot) {
  const std::lock_guard lock(mutex_);
  slots_[slot].wanted.store(kNothing, std::memory_order_release);
  slots_[slot].taken = false;
  readers_.fetch_sub(1, std::memory_order_relaxed);
}

bool TapHub::wants(std::uint64_t wanted, std::uint32_t point) {
  const auto what = static_cast<std::uint32_t>(wanted);
  if (point == kInput) return what == kInputOnly;
  return what == kAnySink || what == kOneSink + point;
}

void TapHub::push(std::uint32_t point, std::span<const Record> records) {
  for (Slot& slot : slots_) {
    if (!wants(slot.wanted.load(std::memory_order_acquire), point)) continue;
    const std::lock_guard lock(slot.pushing);
    // Whoever waited for the lock may find another reader.
    const std::uint64_t wanted = slot.wanted.load(std::memory_order_acquire);
    if (!wants(wanted, point)) continue;
    slot.ring->push(records, static_cast<std::uint32_t>(wanted >> 32), point);
  }
}

bool TapHub::Reader::pop(TapRing::Taken& taken) {
  // What was still being pushed for the reader before is nobody's.
  while (hub_.slots_[slot_].ring->pop(taken)) {
    if (taken.session == session_) return true;
  }
  return false;
}

std::uint64_t TapHub::Reader::take_left_out() { return hub_.slots_[slot_].ring->take_left_out(); }

bool TapHub::Reader::has_news() const { return hub_.slots_[slot_].ring->has_news(); }

}  // namespace ship
