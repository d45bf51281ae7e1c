#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "record/envelope.hpp"
#include "record/level.hpp"
#include "record/record.hpp"

namespace ship {

/// What fapilog's stdout_pretty sink (preset dev) wrote for one event, taken apart again:
///
///   2026-11-22 09:09:12 | ERROR    | order failed message_id=c1 logger=orders data.text='a b'
///
/// with a traceback inside a quoted value, or beneath the line and then `Context: ` and the pairs.
/// All views are of the text that was parsed. Values are the sink's `str()` of what was logged:
/// types are lost.
struct PrettyLine {
  WallNanos time = 0;  ///< the line has seconds of the machine's own time zone
  Level level;
  std::string_view level_name;
  std::string_view message;
  std::string_view stack;  ///< the traceback beneath the line; empty: none
  std::string_view pairs;  ///< "key=value key='two words' …"; empty: none
};

/// Whether `line`, free of colours, starts such an event. Cheap.
bool is_pretty_head(std::string_view line);

/// Follows an event over its lines: a message or a quoted value may have several. Every event has a
/// message_id, first of its pairs.
class PrettyExtent {
 public:
  /// `head` is a pretty head.
  void begin(std::string_view head);
  /// The event goes on with `line`.
  void add(std::string_view line);
  /// Whether the event cannot be over yet: the next line is part of it, unless that is a head of
  /// its own.
  bool open() const { return open_; }

 private:
  bool in_pairs_ = false;
  bool open_ = false;
};

/// Takes the event apart: its first line and those that were joined to it, without colours. None
/// where the first line is no such head or its time is none.
std::optional<PrettyLine> parse_pretty(std::string_view text);

/// One `key=value`, the quotes around a value that has blanks taken off.
struct PrettyPair {
  std::string_view key;
  std::string_view value;
};

/// Takes the next pair off the front of `pairs`; none at the end.
std::optional<PrettyPair> next_pretty_pair(std::string_view& pairs);

/// Room that `write_pretty` needs at most for a line of `text_bytes`.
std::size_t max_pretty_size(std::size_t text_bytes);

/// Writes the event as fapilog's JSON envelope, the pairs sorted into `context`, `data` and
/// `diagnostics` by their names, every value a string. `message_id` is used where the line has
/// none. The record's line is a view of `out`.
Record write_pretty(char* out, const PrettyLine& line, Stream stream, std::string_view message_id);

}  // namespace ship
