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
/// building anything, and notes where the values are that may be the level or the time. Part of the
/// probe, in a header because it is its inner loop.
///
/// Positions count from `base`. `at` points into simdjson's list of them, starting at the line's
/// first; the list ends with three positions of bytes that no state accepts, such as a newline.
class Walk {
 public:
  using Keys = DialectKeys;

  /// `end` is the position after the line.
  Walk(const DialectKeys& keys, const char* base, const std::uint32_t* at, std::uint32_t end)
      : keys_(keys), base_(base), at_(at), end_(end) {}

  /// Walks over the line, once.
  Fault line() {
    const char first = base_[*at_];
    if (*at_ >= end_ || first != '{') return Fault::not_an_object;
    at_ = members(at_, 0, 1);
    if (at_ == nullptr) return fault_;
    // `at_` is after the closing brace. Everything before it is valid, so one check shows whether
    // the object extended past the end of the line.
    if (at_[-1] >= end_) return Fault::grammar;
    return *at_ < end_ ? Fault::trailing : Fault::none;
  }

  /// The position after the object, once `line` returned no fault.
  const std::uint32_t* at() const { return at_; }
  /// The slots of levels seen, as bits; then of times, and of other values.
  std::uint64_t levels() const { return present_[0]; }
  std::uint64_t times() const { return present_[1]; }
  bool has(std::uint8_t slot) const { return present_[slot / 64] >> slot % 64 & 1; }
  /// Whether a text was seen that may itself hold a record.
  bool has_inner() const {
    constexpr std::uint64_t kInner = (1u << (Keys::kFirstCompanion - Keys::kOthers)) - 1;
    return (present_[2] & kInner) != 0;
  }
  /// The marks of dialects seen.
  const Keys::Marks::Mask& marks() const { return marks_; }
  /// From the first byte of the slot's value to its last, including quotes but not white space
  /// after it.
  std::string_view value_of(std::uint32_t slot) const {
    const auto [first, next] = values_[slot];
    std::uint32_t last = next - 1;
    while (ends_json_scalar(base_[last])) --last;
    return {base_ + first, last - first + 1};
  }
  /// Forgets the values that nothing follows within the line: they may have been cut.
  void forget_last_value() {
    for (std::uint8_t slot = 0; slot < Keys::kSlots; ++slot) {
      if (has(slot) && values_[slot].next >= end_) forget(slot);
    }
  }

 private:
  // The list position is passed along and returned in a register; null: a fault was found.
  using At = const std::uint32_t*;

  At fail(Fault fault) {
    fault_ = fault;
    return nullptr;
  }

  // Walks the members of the object whose brace is at `at`, looking up their keys in `node`. The
  // object is inside `depth` - 1 others. Returns the position after its closing brace.
  At members(At at, std::uint8_t node, std::size_t depth) {
    const char* const base = base_;
    const Keys::Sizes& sizes = keys_.sizes(node);
    ++at;
    if (base[*at] == '}') return at + 1;
    while (true) {
      const std::uint32_t key = at[0];
      const std::uint32_t colon = at[1];
      if (base[key] != '"' || base[colon] != ':' || colon > end_) return fail(Fault::grammar);
      at += 2;
      const Keys::Key* const known = look_up(node, sizes, base + key + 1, base + colon);
      at = known == nullptr ? value(at, depth) : member(at, *known, depth);
      if (at == nullptr) return nullptr;
      const char next = base[*at++];
      if (next == '}') return at;
      if (next != ',') return fail(Fault::grammar);
    }
  }

  // The key whose text begins at `text`, after its quote, and is followed by `colon`.
  const Keys::Key* look_up(std::uint8_t node, const Keys::Sizes& sizes, const char* text,
                           const char* colon) const {
    const char* quote = colon - 1;
    if (*quote != '"') [[unlikely]] {
      quote =
          static_cast<const char*>(std::memchr(text, '"', static_cast<std::size_t>(colon - text)));
    }
    return keys_.find(node, sizes, text, static_cast<std::size_t>(quote - text));
  }

  // Walks the value, at `at`, of a key in the table.
  At member(At at, const Keys::Key& key, std::size_t depth) {
    if (key.mark != Keys::kNoMark) marks_[key.mark / 64] |= std::uint64_t{1} << key.mark % 64;
    const char first = base_[*at];
    if (key.child != 0) {
      if (seen_ >> key.child & 1) forget_below(key);
      if (first == '{') {
        seen_ |= std::uint32_t{1} << key.child;
        forget(key.slot);
        return members(at, key.child, depth + 1);
      }
    }
    if (key.slot != Keys::kNoSlot) note(at, key.slot);
    if (key.inner != 0 && first == '"') note(at, key.inner);
    return value(at, depth);
  }

  // This key's object appeared before: discards what was in it.
  void forget_below(const Keys::Key& key) {
    const auto& below = keys_.slots_below(key.child);
    for (std::size_t group = 0; group < 3; ++group) present_[group] &= ~below[group];
  }

  void forget(std::uint8_t slot) { present_[slot / 64] &= ~(std::uint64_t{1} << slot % 64); }
  void note(At at, std::uint8_t slot) {
    present_[slot / 64] |= std::uint64_t{1} << slot % 64;
    std::memcpy(&values_[slot], at, sizeof(Extent));  // its start and the next position
  }

  At value(At at, std::size_t depth) {
    const char* p = base_ + *at;
    if (*p == '"') return at + 1;
    if (*p == '{' || *p == '[') return container(at, depth);
    return is_json_number_or_literal(p) ? at + 1 : fail(Fault::grammar);
  }

  // Whether `p`, at `at`, is a number or a literal.
  static bool is_other_scalar(const char* p, At at) {
    return is_short_json_integer(p, at[1] - at[0]) || is_json_number_or_literal(p);
  }

  // Walks the object or array at `at`, which is inside `outer` others.
  At container(At at, std::size_t outer) {
    std::array<char, Probe::kMaxDepth> open;
    std::size_t depth = outer;
    const char* const base = base_;
    const char* p = nullptr;

  open_container:
    if (depth == Probe::kMaxDepth) return fail(Fault::too_deep);
    // Keeps a line that opens and never closes from walking over all the lines after it.
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
      if (!is_other_scalar(p, at)) return fail(Fault::grammar);
      ++at;
    }
  object_next:
    if (base[*at] == ',') {
      ++at;
      goto object_key;
    }
    if (base[*at] != '}') return fail(Fault::grammar);
  close_container:
    ++at;
    if (--depth == outer) return at;
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
      if (!is_other_scalar(p, at)) return fail(Fault::grammar);
      ++at;
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
  std::uint32_t seen_ = 0;  // the nodes whose objects were seen
  std::array<std::uint64_t, 3> present_{};
  Keys::Marks::Mask marks_{};
  struct Extent {
    std::uint32_t first;
    std::uint32_t next;  // where the next structural character is
  };
  std::array<Extent, Keys::kNoSlot + 1> values_;
};

}  // namespace ship
