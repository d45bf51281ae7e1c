#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/json_scalar.hpp"
#include "record/probe.hpp"

namespace ship {

/// One pass over the structural characters of one line: checks the grammar of RFC 8259 without
/// building anything, and notes where the values stand that may be the level or the time. Part of
/// the probe, in a header because it is its inner loop.
///
/// Positions count from `base`. `at` points into simdjson's list of them, from the line's first on;
/// the list ends with three positions of bytes that no state accepts, such as a newline.
class Walk {
 public:
  /// The places where a level or a time may stand, in the order of preference.
  enum Slot : std::uint32_t {
    kLogLevel,
    kLevel,
    kSeverity,
    kLevelname,
    kLvl,
    kLogUnderscoreLevel,
    kAtL,
    kLogTimestamp,
    kTimestamp,
    kTime,
    kTs,
    kAtTimestamp,
    kAtT,
    kMessage,  ///< tells Python's JSON from pino's
    kSlots,
    kLog,  ///< the object that is looked into
    kNone
  };
  static constexpr std::uint32_t bit(std::uint32_t slot) { return 1u << slot; }
  static constexpr std::uint32_t kLevelBits = (1u << kLogTimestamp) - 1;
  static constexpr std::uint32_t kTimeBits = ((1u << kMessage) - 1) & ~kLevelBits;

  /// `end` is the position behind the line.
  Walk(const char* base, const std::uint32_t* at, std::uint32_t end)
      : base_(base), at_(at), end_(end) {}

  /// Walks over the line, once.
  Fault line() {
    const char first = base_[*at_];
    if (*at_ >= end_ || first != '{') return Fault::not_an_object;
    if (!members(Members::root)) return fault_;
    // `at_` is behind the closing brace. Everything before it is as it must be, so one look tells
    // whether the object went on behind the end of the line.
    if (at_[-1] >= end_) return Fault::grammar;
    return *at_ < end_ ? Fault::trailing : Fault::none;
  }

  /// Behind the object, after a `line` without a fault.
  const std::uint32_t* at() const { return at_; }
  /// The slots that were seen, as bits.
  std::uint32_t present() const { return present_; }
  /// From the first byte of the slot's value to its last: quotes included, white space behind it
  /// not.
  std::string_view value_of(std::uint32_t slot) const {
    const auto [first, next] = values_[slot];
    std::uint32_t last = next - 1;
    while (ends_json_scalar(base_[last])) --last;
    return {base_ + first, last - first + 1};
  }
  /// Takes out the values that nothing follows within the line: a cut may have fallen into them.
  void forget_last_value() {
    for (std::uint32_t slot = 0; slot < kMessage; ++slot) {
      if (present_ & bit(slot) && values_[slot].next >= end_) present_ &= ~bit(slot);
    }
  }

 private:
  static constexpr std::uint32_t kLogBits = (1u << kLogLevel) | (1u << kLogTimestamp);

  // For each first byte of a key, the lengths (as bits) of the keys that are looked for.
  static constexpr std::array<std::uint16_t, 256> kKeyLengths = [] {
    std::array<std::uint16_t, 256> lengths{};
    lengths['@'] = 1u << 2 | 1u << 10;
    lengths['l'] = 1u << 3 | 1u << 5 | 1u << 9;
    lengths['m'] = 1u << 7;
    lengths['s'] = 1u << 8;
    lengths['t'] = 1u << 2 | 1u << 4 | 1u << 9;
    return lengths;
  }();

  // Of a key whose size is that of `name`.
  template <std::size_t kSize>
  static bool is(const char* key, const char (&name)[kSize]) {
    return std::memcmp(key, name, kSize - 1) == 0;
  }

  static Slot root_slot(const char* key, std::uint32_t size) {
    switch (size) {
      case 2:
        return is(key, "ts") ? kTs : is(key, "@t") ? kAtT : is(key, "@l") ? kAtL : kNone;
      case 3:
        return is(key, "log") ? kLog : is(key, "lvl") ? kLvl : kNone;
      case 4:
        return is(key, "time") ? kTime : kNone;
      case 5:
        return is(key, "level") ? kLevel : kNone;
      case 7:
        return is(key, "message") ? kMessage : kNone;
      case 8:
        return is(key, "severity") ? kSeverity : kNone;
      case 9:
        return is(key, "timestamp")   ? kTimestamp
               : is(key, "levelname") ? kLevelname
               : is(key, "log_level") ? kLogUnderscoreLevel
                                      : kNone;
      case 10:
        return is(key, "@timestamp") ? kAtTimestamp : kNone;
      default:
        return kNone;
    }
  }

  static Slot log_slot(const char* key, std::uint32_t size) {
    if (size == 5) return is(key, "level") ? kLogLevel : kNone;
    return size == 9 && is(key, "timestamp") ? kLogTimestamp : kNone;
  }

  enum class Members { root, log };

  bool fail(Fault fault) {
    fault_ = fault;
    return false;
  }

  // The members of the object whose brace is at `at_`, with their keys looked at.
  bool members(Members where) {
    ++at_;
    if (base_[*at_] == '}') {
      ++at_;
      return true;
    }
    while (true) {
      const std::uint32_t key = at_[0];
      const std::uint32_t colon = at_[1];
      if (base_[key] != '"' || base_[colon] != ':' || colon > end_) return fail(Fault::grammar);
      const Slot slot = slot_of(key, colon, where);
      at_ += 2;
      if (slot != kNone && !note(slot)) return false;
      if (slot != kLog && !value(where == Members::root ? 1 : 2)) return false;
      const char next = base_[*at_++];
      if (next == '}') return true;
      if (next != ',') return fail(Fault::grammar);
    }
  }

  Slot slot_of(std::uint32_t key, std::uint32_t colon, Members where) const {
    const char* text = base_ + key + 1;
    std::uint32_t size = colon - key - 2;
    if (base_[colon - 1] != '"') {
      const void* quote = std::memchr(text, '"', colon - key - 1);
      size = static_cast<std::uint32_t>(static_cast<const char*>(quote) - text);
    }
    if (size > 10 || !(kKeyLengths[static_cast<unsigned char>(*text)] >> size & 1)) return kNone;
    return where == Members::root ? root_slot(text, size) : log_slot(text, size);
  }

  // For kLog the value is consumed too.
  bool note(Slot slot) {
    if (slot == kLog) {
      present_ &= ~kLogBits;
      return base_[*at_] == '{' ? members(Members::log) : value(1);
    }
    present_ |= bit(slot);
    values_[slot] = {at_[0], at_[1]};
    return true;
  }

  bool value(std::size_t depth) {
    const char* p = base_ + *at_;
    if (*p == '"') {
      ++at_;
      return true;
    }
    if (*p == '{' || *p == '[') return container(depth);
    ++at_;
    return is_json_number_or_literal(p) || fail(Fault::grammar);
  }

  // The object or array at `at_`, which stands inside of `outer` others.
  bool container(std::size_t outer) {
    std::array<char, Probe::kMaxDepth> open;
    std::size_t depth = outer;
    const char* const base = base_;
    const std::uint32_t* at = at_;
    const char* p = nullptr;

  open_container:
    if (depth == Probe::kMaxDepth) return fail(Fault::too_deep);
    // Keeps a line that opens and never closes from walking over all the lines behind it.
    if (*at >= end_) return fail(Fault::grammar);
    open[depth++] = base[*at];
    if (base[*at++] == '[') goto array_start;

    if (base[*at] == '}') goto close_container;
  object_key:
    if (base[at[0]] != '"' || base[at[1]] != ':') return fail(Fault::grammar);
    at += 2;
    p = base + *at;
    if (*p == '"') {
      ++at;
    } else if (*p == '{' || *p == '[') {
      goto open_container;
    } else {
      ++at;
      if (!is_json_number_or_literal(p)) return fail(Fault::grammar);
    }
  object_next:
    if (base[*at] == ',') {
      ++at;
      goto object_key;
    }
    if (base[*at] != '}') return fail(Fault::grammar);
  close_container:
    ++at;
    if (--depth == outer) {
      at_ = at;
      return true;
    }
    if (open[depth - 1] == '{') goto object_next;
    goto array_next;

  array_start:
    if (base[*at] == ']') goto close_container;
  array_value:
    p = base + *at;
    if (*p == '"') {
      ++at;
    } else if (*p == '{' || *p == '[') {
      goto open_container;
    } else {
      ++at;
      if (!is_json_number_or_literal(p)) return fail(Fault::grammar);
    }
  array_next:
    if (base[*at] == ',') {
      ++at;
      goto array_value;
    }
    if (base[*at] == ']') goto close_container;
    return fail(Fault::grammar);
  }

  const char* base_;
  const std::uint32_t* at_;
  std::uint32_t end_;
  Fault fault_ = Fault::none;
  std::uint32_t present_ = 0;
  struct Extent {
    std::uint32_t first;
    std::uint32_t next;  // where the next structural character stands
  };
  std::array<Extent, kSlots> values_;
};

}  // namespace ship
