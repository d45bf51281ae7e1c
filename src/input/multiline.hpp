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

/// Joins lines of text that are one message: lines without a head with the line before them that
/// has one (see TextFinding::Head; levels set flush right, " INFO" below "ERROR", are heads), a
/// traceback with what announced it, an event of fapilog's pretty output, indented lines with what
/// stands above them; or, by a pattern of the user's and then by nothing else, everything up to the
/// next line that matches it. Holds one group at a time, bounded in bytes and in lines; a group that
/// is full ends there. Knows no time: the owner decides how long a group may wait. Not thread-safe.
///
///   if (!multiline.add(line, bare, head)) { deliver(multiline.text()); multiline.clear();
///   multiline.add(line, bare, head); }
class Multiline {
 public:
  static constexpr std::size_t kMaxLines = 4096;

  struct Options {
    std::optional<LinePattern> start;
    std::uint64_t max_bytes =
        1u << 20;  ///< of a group that was joined; a single line may be longer
  };

  explicit Multiline(Options options);

  /// Takes `line` into the group, or starts one with it where there is none. False: it belongs to
  /// another group, and the one that is held is over. `bare` is the same line without colours,
  /// which the rules look at; `head` is what its front tells.
  bool add(std::string_view line, std::string_view bare,
           TextFinding::Head head = TextFinding::Head::none);
  /// A blank line came: kept where the group goes on behind it.
  void add_blank();

  bool holds() const { return lines_ > 0; }
  std::size_t lines() const { return lines_; }
  /// The lines of the group, newlines between them and none at the end. Lives until the next
  /// change.
  std::string_view text() const { return text_; }
  /// Whether the group is what a runtime writes of an error that nobody caught.
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
  std::uint16_t level_end_ = 0;  ///< the column behind the level that is its head; 0: none is
  std::string text_;
  std::size_t lines_ = 0;
  std::size_t blanks_ = 0;  ///< blank lines behind the last one
};

}  // namespace ship
