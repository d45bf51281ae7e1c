#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "record/dialects.hpp"
#include "record/level.hpp"

namespace ship {

/// The keys of the table of dialects, prepared for the probe's lookups: a tree of objects to look
/// into (node 0 is the root), and a perfect hash over all (node, key). Made once from the table and
/// never changed, so any thread may read it.
///
/// A slot is a place whose value is noted: levels from 0, times from kTimes, other values from
/// kOthers on, each group in the order of preference.
class DialectKeys {
 public:
  static constexpr std::uint8_t kTimes = 64;
  static constexpr std::uint8_t kOthers = 128;
  static constexpr std::uint8_t kSlots = 160;
  static constexpr std::uint8_t kNoSlot = 191;  ///< a bit that nothing reads
  static constexpr std::uint8_t kNoMark = 127;
  static constexpr std::size_t kMostNodes = 32;

  /// The texts that may themselves hold a record.
  enum Inner : std::uint8_t { kLog = kOthers, kMessage, kRecord, kTextPayload, kFirstCompanion };

  struct Key {
    std::string_view text;
    std::uint64_t head = 0;  ///< its first eight bytes
    std::uint64_t tail = 0;  ///< its last eight, if it is longer
    std::uint64_t tag = 0;   ///< its node and size combined
    std::uint8_t node = 255;
    std::uint8_t slot = kNoSlot;
    std::uint8_t mark = kNoMark;
    std::uint8_t child = 0;  ///< the node of the object under it; 0: not looked into
    std::uint8_t inner = 0;  ///< an Inner, if its value is a text; 0: none
  };

  /// A dialect's marks: one bit of each mask.
  struct Marks {
    using Mask = std::array<std::uint64_t, 2>;
    std::vector<Mask> groups;
    bool match(const Mask& present) const {
      for (const Mask& group : groups) {
        if (((group[0] & present[0]) | (group[1] & present[1])) == 0) return false;
      }
      return !groups.empty();
    }
  };

  /// What is known about a slot.
  struct Slot {
    std::string path;
    LevelScale scale = LevelScale::unknown;  ///< of its numbers, whatever the dialect
    std::uint8_t weak_row = 255;             ///< the row that it is weak in; 255: it is not weak
    std::uint8_t companion = kNoSlot;        ///< where the nanoseconds are
    std::uint64_t rows = 0;                  ///< bit N: listed by row N
  };

  static const DialectKeys& instance();

  /// For each first byte of a key: the sizes of a node's keys, as bits.
  using Sizes = std::array<std::uint64_t, 256>;
  const Sizes& sizes(std::uint8_t node) const { return sizes_[node]; }

  /// The key with that text in that node, whose sizes are `sizes`; null: not in the table. Reads up
  /// to 8 bytes from `text` on, whatever its size.
  const Key* find(std::uint8_t node, const Sizes& sizes, const char* text, std::size_t size) const {
    if (size > 63 || !(sizes[static_cast<unsigned char>(*text)] >> size & 1)) return nullptr;
    return find(node, text, size);
  }
  const Key* find(std::uint8_t node, const char* text, std::size_t size) const {
    const std::uint64_t head = head_of(text, size);
    const std::uint64_t tail = tail_of(text, size);
    const std::uint64_t tag = tag_of(node, size);
    const Key& key = keys_[index_[hash(head, tail, tag)]];
    const bool same = ((key.head ^ head) | (key.tail ^ tail) | (key.tag ^ tag)) == 0;
    if (!same || (size > 16 && std::memcmp(key.text.data(), text, size) != 0)) return nullptr;
    return &key;
  }

  /// The slots in the objects under a node, as one bit for each of a group's 64.
  const std::array<std::uint64_t, 3>& slots_below(std::uint8_t node) const { return below_[node]; }
  const Slot& slot(std::uint8_t slot) const { return slots_[slot]; }
  std::uint64_t weak_levels() const { return weak_levels_; }
  /// The row whose marks are present; dialects().size() if there is no such row.
  std::size_t recognise(const Marks::Mask& present) const;
  const Marks& marks(std::size_t row) const { return marks_[row]; }
  std::uint8_t error_mark(std::size_t row) const { return error_marks_[row]; }

 private:
  static constexpr unsigned kIndexBits = 12;

  DialectKeys();
  static std::uint64_t head_of(const char* text, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, 8);
    return size < 8 ? word & ((std::uint64_t{1} << (8 * size)) - 1) : word;
  }
  static std::uint64_t tail_of(const char* text, std::size_t size) {
    std::uint64_t word = 0;
    if (size > 8) std::memcpy(&word, text + size - 8, 8);
    return word;
  }
  static std::uint64_t tag_of(std::uint8_t node, std::size_t size) {
    return std::uint64_t{node} << 56 ^ std::uint64_t{size} << 48;
  }
  std::uint32_t hash(std::uint64_t head, std::uint64_t tail, std::uint64_t tag) const {
    return static_cast<std::uint32_t>(((head ^ tail << 5 ^ tag) * multiplier_) >>
                                      (64 - kIndexBits));
  }
  std::uint8_t node_of(std::string_view path, std::string_view& last);
  Key& key(std::uint8_t node, std::string_view text);
  std::uint8_t add_slot(std::string_view path, std::uint8_t first, std::size_t row);
  std::uint8_t add_mark(std::string_view text);
  void add_rows();
  void add_inner(std::string_view path, std::uint8_t inner);
  void seal();

  std::vector<Key> keys_;
  std::array<std::uint8_t, 1u << kIndexBits> index_{};
  std::uint64_t multiplier_ = 0;
  std::array<Sizes, kMostNodes> sizes_{};
  std::array<std::array<std::uint64_t, 3>, kMostNodes> below_{};
  std::array<std::uint8_t, kMostNodes> parents_{};
  std::uint8_t nodes_ = 1;
  std::array<Slot, 192> slots_;
  std::array<std::uint8_t, 3> next_slot_{0, kTimes, kFirstCompanion};
  std::uint8_t next_mark_ = 0;
  std::uint64_t weak_levels_ = 0;
  std::vector<Marks> marks_;
  std::vector<std::uint8_t> error_marks_;
};

}  // namespace ship
