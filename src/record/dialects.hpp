#pragma once

#include <span>
#include <string_view>

#include "record/level.hpp"

namespace ship {

/// How one logger or platform writes JSON: what gives it away, and where what matters stands.
/// Adding one is one row in dialects.cpp and one sample in tests/data/loggers.
///
/// Each text is a list of paths, separated by blanks, the preferred first. A dot in a path is a
/// step into an object or part of a key: "log.level" finds {"log":{"level":1}} and {"log.level":1}.
/// A path with a question mark is weak: its key also means other things, so it counts only where
/// all marks of the row are there and its value is a level's word or one of the row's numbers.
/// "a+b" is a time whose whole seconds stand at a and whose nanoseconds at b.
struct Dialect {
  /// As `check --explain` and the documentation call it.
  std::string_view name;
  /// Keys at the root that give it away: each is there, or of "a|b" one. Empty: never recognised,
  /// its places count all the same.
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
  /// A key that makes a line without a level an ERROR.
  std::string_view error_key = {};
};

/// All of them. A line is the first whose marks are there; the order is also the order in which the
/// places are preferred, weak ones last.
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
