#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/json_walk.hpp"

namespace ship {

/// A value that was looked for. `none` where the record does not have it.
struct Field {
  JsonKind kind = JsonKind::none;
  bool escaped = false;   ///< strings: holds a backslash
  std::string_view text;  ///< as written in the line; strings without their quotes
};

/// Looks for several fields of a record in one walk over its line. A path is looked up from the
/// root of the object and, where the record is in fapilog's envelope, inside `log`; the root wins.
/// Nested objects and names with dots ("http.status") are both found by a dotted path. With
/// duplicate keys the last one counts. Arrays are values: nothing is looked up inside of them.
///
/// Allocates nothing after its first lines. One for each thread.
class FieldFinder {
 public:
  FieldFinder();

  /// Adds a path (see parse_field_path) and returns its place in what `find` fills in. The same
  /// path twice has one place.
  std::size_t add(std::span<const std::string> names);
  std::size_t size() const { return fields_.size(); }

  /// The fields of `line`, in the order of their places. The views are of `line`; the span lives
  /// until the next call.
  std::span<const Field> find(std::string_view line);

 private:
  static constexpr std::uint32_t kNothing = ~std::uint32_t{0};
  struct Node {
    std::string name;
    std::uint32_t slot = kNothing;
    std::vector<std::uint32_t> children;
  };
  enum class Place : std::uint8_t { root, inside, log };

  void members(JsonWalk& walk, std::uint32_t node, Place place);
  void member(JsonWalk& walk, std::uint32_t node, std::string_view key, bool in_log);
  std::uint32_t match(std::uint32_t node, std::string_view key) const;
  void take(JsonWalk& walk, std::uint32_t slot, bool in_log);

  std::vector<Node> nodes_;
  std::vector<Field> fields_;
  std::vector<bool> from_root_;
  std::string key_scratch_;
};

}  // namespace ship
