#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ship {

/// Decides whether a line of text continues the lines before it: tracebacks of Python (including
/// chained ones and exception groups), Java and its relatives, Go, Node and Ruby as these write
/// them, and indented lines of any text. Keeps the first line and uses no regular expressions:
/// linear time. Not thread-safe.
///
///   traceback.begin(first);
///   while (traceback.joins(next, blank_lines_before)) …
class Traceback {
 public:
  /// `line` is the first of a new group. It may be anything.
  void begin(std::string_view line);
  /// Whether `line`, which is not blank, belongs to the group. If it does, it becomes the group's
  /// last line; if not, the group is over.
  bool joins(std::string_view line);
  /// `line` is part of the group for another reason.
  void append(std::string_view line);
  /// Whether the lines so far are what a runtime writes about an uncaught error.
  bool failed() const;

 private:
  enum class Kind : std::uint8_t { text, python_frames, python_end, go, node };

  bool joins_unindented(std::string_view line);
  bool opens_after_report() const;
  bool joins_python_end(std::string_view line) const;
  void note(std::string_view line, bool indented);
  /// Whether the first line reports an error, so that a traceback may follow.
  bool head_reports() const;

  Kind kind_ = Kind::text;
  std::string head_;                          ///< the first line
  mutable std::optional<bool> head_reports_;  ///< once asked
  bool has_traceback_ = false;
  bool chain_announced_ = false;  ///< Python announced another traceback
  bool validation_ = false;       ///< a pydantic message: its field names are not indented
  bool last_indented_ = false;
  bool last_caret_ = false;    ///< the last line was only a caret under source code
  bool after_source_ = false;  ///< Node named the place: the code there follows
  bool last_opens_ = false;    ///< the last line ended with an opening bracket
};

}  // namespace ship
