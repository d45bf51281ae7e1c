#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "input/line_pattern.hpp"
#include "input/traceback.hpp"
#include "record/pretty_line.hpp"
#include "record/text_line.hpp"

namespace ship {

/// Joins lines of text that are one message: lines without a head with the last line before them
/// that has one (see TextFinding::Head; right-aligned levels, " INFO" below "ERROR", are heads), a
/// traceback with the line that announced it, an event of fapilog's pretty output, indented lines
/// with the line above them. If the user sets a pattern, only that counts: everything up to the
/// next line that matches it is one message. Holds one group at a time, bounded in bytes and in
/// lines; a full group ends there. Knows nothing about time: the owner decides how long a group may
/// wait. Not thread-safe.
///
///   if (!multiline.add(line, bare, head)) { deliver(multiline.text()); multiline.clear();
///   multiline.add(line, bare, head); }
class Multiline {
 public:
  static constexpr std::size_t kMaxLines = 4096;

  struct Options {
    std::optional<LinePattern> start;
    std::uint64_t max_bytes = 1u << 20;  ///< of a joined group; a single line may be longer
  };

  explicit Multiline(Options options);

  /// Adds `line` to the group, or starts one with it if there is none. False: it belongs to another
  /// group, and the current one is over. `bare` is the same line without colours, which the rules
  /// look at; `head` is what its start shows.
  bool add(std::string_view line, std::string_view bare,
           TextFinding::Head head = TextFinding::Head::none);
  /// A blank line came; it is kept if the group continues after it.
  void add_blank();

  bool holds() const { return lines_ > 0; }
  std::size_t lines() const { return lines_; }
  /// The lines of the group, separated by newlines, with none at the end. Lives until the next
  /// change.
  std::string_view text() const { return text_; }
  /// Whether the group is what a runtime writes about an uncaught error.
  bool failed() const { return !options_.start && traceback_.failed(); }
  void clear();

  /// Bytes of memory that the text takes.
  std::size_t buffer_bytes() const { return text_.capacity(); }
  /// Gives that memory back where there is no group.
  void release() {
    if (!holds()) std::string().swap(text_);
  }

 private:
  void begin(std::string_view bare, TextFinding::Head head);
  bool joins(std::string_view bare, TextFinding::Head head);

  Options options_;
  Traceback traceback_;
  PrettyExtent extent_;
  bool pretty_ = false;
  TextFinding::Head head_ = TextFinding::Head::none;  ///< of the first line
  bool indented_ = false;                             ///< the first line
  std::uint16_t level_end_ = 0;  ///< the column after the level that is its head; 0: none
  std::string text_;
  std::size_t lines_ = 0;
  std::size_t blanks_ = 0;  ///< blank lines after the last one
};

}  // namespace ship
