#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "record/dialect_keys.hpp"
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
  using Keys = DialectKeys;

  /// `end` is the position behind the line.
  Walk(const DialectKeys& keys, const char* base, const std::uint32_t* at, std::uint32_t end)
      : keys_(keys), base_(base), at_(at), end_(end) {}

  /// Walks over the line, once.
  Fault line() {
    const char first = base_[*at_];
    if (*at_ >= end_ || first != '{') return Fault::not_an_object;
    if (!members(0, 1)) return fault_;
    // `at_` is behind the closing brace. Everything before it is as it must be, so one look tells
    // whether the object went on behind the end of the line.
    if (at_[-1] >= end_) return Fault::grammar;
    return *at_ < end_ ? Fault::trailing : Fault::none;
  }

  /// Behind the object, after a `line` without a fault.
  const std::uint32_t* at() const { return at_; }
  /// The slots of levels that were seen, as bits; of times; of other values.
  std::uint64_t levels() const { return present_[0]; }
  std::uint64_t times() const { return present_[1]; }
  bool has(std::uint8_t slot) const { return present_[slot / 64] >> slot % 64 & 1; }
  /// Whether one of the texts was seen that may hold a record of their own.
  bool has_inner() const {
    constexpr std::uint64_t kInner = (1u << (Keys::kFirstCompanion - Keys::kOthers)) - 1;
    return (present_[2] & kInner) != 0;
  }
  /// The marks of dialects that were seen.
  const Keys::Marks::Mask& marks() const { return marks_; }
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
    for (std::uint8_t slot = 0; slot < Keys::kSlots; ++slot) {
      if (has(slot) && values_[slot].next >= end_) {
        present_[slot / 64] &= ~(std::uint64_t{1} << slot % 64);
      }
    }
  }

 private:
  bool fail(Fault fault) {
    fault_ = fault;
    return false;
  }

  // The members of the object whose brace is at `at_`, with their keys looked up in `node`. The
  // object stands inside of `depth` - 1 others.
  bool members(std::uint8_t node, std::size_t depth) {
    ++at_;
    if (base_[*at_] == '}') {
      ++at_;
      return true;
    }
    while (true) {
      const std::uint32_t key = at_[0];
      const std::uint32_t colon = at_[1];
      if (base_[key] != '"' || base_[colon] != ':' || colon > end_) return fail(Fault::grammar);
      const Keys::Key* const known = look_up(node, key, colon);
      at_ += 2;
      if (known == nullptr ? !value(depth) : !member(*known, depth)) return false;
      const char next = base_[*at_++];
      if (next == '}') return true;
      if (next != ',') return fail(Fault::grammar);
    }
  }

  const Keys::Key* look_up(std::uint8_t node, std::uint32_t key, std::uint32_t colon) const {
    const char* text = base_ + key + 1;
    std::uint32_t size = colon - key - 2;
    if (base_[colon - 1] != '"') {
      const void* quote = std::memchr(text, '"', colon - key - 1);
      size = static_cast<std::uint32_t>(static_cast<const char*>(quote) - text);
    }
    return keys_.find(node, text, size);
  }

  // The value of a key that is looked for.
  bool member(const Keys::Key& key, std::size_t depth) {
    marks_[key.mark / 64] |= std::uint64_t{1} << key.mark % 64;
    const char first = base_[*at_];
    if (key.child != 0) {
      const auto& below = keys_.slots_below(key.child);
      for (std::size_t group = 0; group < 3; ++group) present_[group] &= ~below[group];
      if (first == '{') {
        present_[key.slot / 64] &= ~(std::uint64_t{1} << key.slot % 64);
        return members(key.child, depth + 1);
      }
    }
    note(key.slot);
    if (key.inner != 0 && first == '"') note(key.inner);
    return value(depth);
  }

  void note(std::uint8_t slot) {
    present_[slot / 64] |= std::uint64_t{1} << slot % 64;
    values_[slot] = {at_[0], at_[1]};
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

  const DialectKeys& keys_;
  const char* base_;
  const std::uint32_t* at_;
  std::uint32_t end_;
  Fault fault_ = Fault::none;
  std::array<std::uint64_t, 3> present_{};
  Keys::Marks::Mask marks_{};
  struct Extent {
    std::uint32_t first;
    std::uint32_t next;  // where the next structural character stands
  };
  std::array<Extent, Keys::kNoSlot + 1> values_;
};

}  // namespace ship
