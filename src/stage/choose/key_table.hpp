#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ship {

/// A bounded table from 64-bit keys to values, which also keeps its entries in a queue: added at
/// the back, taken from the front. All operations are O(1). Its memory grows with the entries up to
/// the bound and is then reused: values are handed out again as they were left. Keys must already
/// be hashes.
template <class Value>
class KeyTable {
 public:
  explicit KeyTable(std::size_t capacity)
      : capacity_(capacity),
        index_(std::bit_ceil(2 * capacity + 2), kNone),
        mask_(static_cast<std::uint32_t>(index_.size() - 1)) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }

  /// The value of `key`; null if there is none. Lives until the entry is popped or an entry is
  /// added.
  Value* find(std::uint64_t key) {
    const std::uint32_t place = place_of(key);
    return index_[place] == kNone ? nullptr : &entries_[index_[place]].value;
  }

  /// Adds `key`, which is not in the table, at the back. The table must not be full.
  Value& add(std::uint64_t key) {
    assert(!full());
    std::uint32_t slot = free_;
    if (slot == kNone) {
      slot = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      free_ = entries_[slot].next;
    }
    entries_[slot].key = key;
    index_[place_of(key)] = slot;
    link_back(slot);
    ++size_;
    return entries_[slot].value;
  }

  /// Moves `key`, which is in the table, to the back.
  void touch(std::uint64_t key) {
    const std::uint32_t slot = index_[place_of(key)];
    if (slot == back_) return;
    unlink(slot);
    link_back(slot);
  }

  /// The value at the front of the queue; the table must not be empty.
  Value& front() { return entries_[front_].value; }
  const Value& front() const { return entries_[front_].value; }

  void pop_front() {
    const std::uint32_t slot = front_;
    unlink(slot);
    erase_from_index(place_of(entries_[slot].key));
    entries_[slot].next = free_;
    free_ = slot;
    --size_;
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    Value value{};
  };

  // Where `key` is in the index, or the free place where it would go.
  std::uint32_t place_of(std::uint64_t key) const {
    auto place = static_cast<std::uint32_t>(key) & mask_;
    while (index_[place] != kNone && entries_[index_[place]].key != key)
      place = (place + 1) & mask_;
    return place;
  }

  // Moves later entries up, so that no search ends too early (Knuth, 6.4, algorithm R).
  void erase_from_index(std::uint32_t hole) {
    std::uint32_t place = hole;
    while (true) {
      place = (place + 1) & mask_;
      if (index_[place] == kNone) break;
      const auto home = static_cast<std::uint32_t>(entries_[index_[place]].key) & mask_;
      if (((place - home) & mask_) >= ((place - hole) & mask_)) {
        index_[hole] = index_[place];
        hole = place;
      }
    }
    index_[hole] = kNone;
  }

  void link_back(std::uint32_t slot) {
    entries_[slot].previous = back_;
    entries_[slot].next = kNone;
    (back_ == kNone ? front_ : entries_[back_].next) = slot;
    back_ = slot;
  }
  void unlink(std::uint32_t slot) {
    const Entry& entry = entries_[slot];
    (entry.previous == kNone ? front_ : entries_[entry.previous].next) = entry.next;
    (entry.next == kNone ? back_ : entries_[entry.next].previous) = entry.previous;
  }

  std::size_t capacity_;
  std::size_t size_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> index_;
  std::uint32_t mask_;
  std::uint32_t front_ = kNone;
  std::uint32_t back_ = kNone;
  std::uint32_t free_ = kNone;
};

}  // namespace ship
