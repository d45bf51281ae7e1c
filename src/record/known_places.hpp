#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "record/dialects.hpp"
#include "record/json_walk.hpp"
#include "record/level.hpp"

namespace ship {

/// Where one line has what the table of dialects looks for in addition to level and time, for code
/// that shows or translates a record: the places of the row that the line's marks identify, then
/// those that many loggers have in common. With duplicate keys the last one counts. All views live
/// as long as the line.
class KnownPlaces {
 public:
  struct Place {
    std::string_view path;  ///< as the table names it; empty: not found
    JsonValue value;
    bool found() const { return !path.empty(); }
    /// Whether a value found while walking the line is this one.
    bool is(const JsonValue& met) const { return found() && met.raw.data() == value.raw.data(); }
  };

  /// `line` is one JSON object. `message_fields` are the user's dotted paths, tried before the
  /// table's; they must outlive this.
  explicit KnownPlaces(std::string_view line, std::span<const std::string> message_fields = {});

  /// The row that the line was recognised as; null if its marks match no row.
  const Dialect* dialect() const { return dialect_; }
  /// A text or a number, never empty.
  Place message() const;
  Place logger() const { return find(&Dialect::logger, Kind::scalar); }
  Place trace_id() const { return find(&Dialect::trace_id, Kind::scalar); }
  Place span_id() const { return find(&Dialect::span_id, Kind::scalar); }
  /// A text, an object or an array, never empty.
  Place exception() const { return find(&Dialect::exception, Kind::exception); }

  /// Whether `value` at `path` (the keys from the root, joined by dots) says that level, so that it
  /// need not be shown next to it.
  bool says_level(std::string_view path, const JsonValue& value, Level level) const;
  /// The same for the time, to the precision of the value, at least to the millisecond.
  bool says_time(std::string_view path, const JsonValue& value, WallNanos time) const;

 private:
  enum class Kind : unsigned char { scalar, exception };
  Place find(std::string_view Dialect::*list, Kind kind) const;
  bool lists(std::string_view Dialect::*list, std::string_view path) const;
  /// Calls `use` with each path of the list in the rows that apply to the line, the nearest first.
  template <class Use>
  void for_each_listed(std::string_view Dialect::*list, Use use) const;

  std::string_view line_;
  std::span<const std::string> message_fields_;
  const Dialect* dialect_ = nullptr;
};

}  // namespace ship
