#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "record/envelope.hpp"
#include "record/level.hpp"
#include "record/record.hpp"

namespace ship {

/// What fapilog's stdout_pretty sink (preset dev) wrote for one event, taken apart:
///
///   2026-11-22 09:09:12 | ERROR    | order failed message_id=c1 logger=orders data.text='a b'
///
/// with a traceback inside a quoted value, or below the line, followed by `Context: ` and the
/// pairs. All views are of the parsed text. Values are the sink's `str()` of what was logged, so
/// types are lost.
struct PrettyLine {
  WallNanos time = 0;  ///< the line has whole seconds in the machine's own time zone
  Level level;
  std::string_view level_name;
  std::string_view message;
  std::string_view stack;  ///< the traceback below the line; empty: none
  std::string_view pairs;  ///< "key=value key='two words' …"; empty: none
};

/// Whether `line`, free of colours, starts such an event. Cheap.
bool is_pretty_head(std::string_view line);

/// Follows an event across its lines: a message or a quoted value may have several. Every event has
/// a message_id as its first pair.
class PrettyExtent {
 public:
  /// `head` is a pretty head.
  void begin(std::string_view head);
  /// The event continues with `line`.
  void add(std::string_view line);
  /// Whether the event cannot be over yet: the next line is part of it, unless that is itself a
  /// head.
  bool open() const { return open_; }

 private:
  bool in_pairs_ = false;
  bool open_ = false;
};

/// Takes the event apart: its first line and those joined to it, without colours. None if the first
/// line is not such a head or its time is not valid.
std::optional<PrettyLine> parse_pretty(std::string_view text);

/// One `key=value`, without the quotes around a value that has spaces.
struct PrettyPair {
  std::string_view key;
  std::string_view value;
};

/// Takes the next pair off the front of `pairs`; none at the end.
std::optional<PrettyPair> next_pretty_pair(std::string_view& pairs);

/// The most room that `write_pretty` needs for a line of `text_bytes`.
std::size_t max_pretty_size(std::size_t text_bytes);

/// Writes the event as fapilog's JSON envelope, the pairs sorted into `context`, `data` and
/// `diagnostics` by their names, every value a string. `message_id` is used if the line has none.
/// The record's line is a view of `out`.
Record write_pretty(char* out, const PrettyLine& line, Stream stream, std::string_view message_id);

}  // namespace ship
