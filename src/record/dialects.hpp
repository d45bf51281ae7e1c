#pragma once

#include <span>
#include <string_view>

#include "record/level.hpp"

namespace ship {

/// How one logger or platform writes JSON: what identifies it, and where the important values are.
/// To add one, add one row in dialects.cpp and one sample in tests/data/loggers.
///
/// Each text is a list of paths, separated by spaces, most preferred first. A dot in a path is a
/// step into an object or part of a key: "log.level" finds {"log":{"level":1}} and {"log.level":1}.
/// A path with a question mark is weak: its key also means other things, so it counts only if all
/// marks of the row are present and its value is a level's word or one of the row's numbers. "a+b"
/// is a time whose whole seconds are at a and whose nanoseconds are at b.
struct Dialect {
  /// The name used by `check --explain` and the documentation.
  std::string_view name;
  /// Keys at the root that identify it: all must be present, for "a|b" one of the two. Empty: never
  /// recognised, but its places still count.
  std::string_view marks;
  std::string_view level = {};
  std::string_view time = {};
  std::string_view message = {};
  std::string_view logger = {};
  std::string_view exception = {};
  std::string_view trace_id = {};
  std::string_view span_id = {};
  /// What its level numbers mean.
  LevelScale scale = LevelScale::unknown;
  /// A key whose presence makes a line without a level an ERROR.
  std::string_view error_key = {};
};

/// All known dialects. A line belongs to the first row whose marks are present; the order is also
/// the order of preference of the places, weak ones last.
std::span<const Dialect> dialects();

/// Calls `use` with each entry of a list such as Dialect::level.
template <class Use>
void for_each_path(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t size =
        list.find(' ') == std::string_view::npos ? list.size() : list.find(' ');
    if (size > 0) use(list.substr(0, size));
    list.remove_prefix(size < list.size() ? size + 1 : size);
  }
}

}  // namespace ship
