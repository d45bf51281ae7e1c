#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "input/multiline.hpp"
#include "record/envelope.hpp"
#include "record/level.hpp"
#include "record/probe.hpp"
#include "record/text_line.hpp"

namespace ship {

/// Who wrote a line, as far as known. Lines of two sources are never one message.
struct TextSource {
  Stream stream = Stream::standard_output;
  std::uint64_t writer = 0;  ///< a hash of the process, if an envelope names it
  bool operator==(const TextSource&) const = default;
};

/// What a platform's envelope says about the text in it; used if the text itself does not say.
struct Around {
  std::optional<WallNanos> time;
  std::optional<Level> level;

  /// What the text itself says, else what its envelope says.
  TextFinding complete(TextFinding told) const;
};

/// Lines of plain text that are, or will be, one message, and what is known about it from its first
/// line. Not thread-safe.
class TextGroup {
 public:
  /// One line. Views live until the next change.
  struct Line {
    std::string_view kept;  ///< what is shipped
    std::string_view bare;  ///< the same, without colours
    TextFinding told;       ///< according to the line itself
    Around around;
    Fault fault = Fault::none;
    std::uint64_t at = 0;  ///< where it begins in the input
  };
  /// The message, and what its lines say.
  struct Message {
    std::string_view text;
    TextFinding told;
    Around around;
    Fault fault = Fault::none;  ///< of the first line
    std::uint64_t at = 0;       ///< where that line begins
  };

  TextGroup(Multiline::Options options, TextSource source)
      : multiline_(std::move(options)), source_(source) {}

  /// Adds the line, or begins with it. False: it belongs to another message, and this one is over.
  bool add(const Line& line);
  void add_blank() { multiline_.add_blank(); }
  bool holds() const { return multiline_.holds(); }
  std::size_t lines() const { return multiline_.lines(); }
  std::string_view text() const { return multiline_.text(); }
  const TextSource& source() const { return source_; }
  void set_source(const TextSource& source) { source_ = source; }

  /// The message that all lines form together. Lives until `clear`.
  Message message(TimeParser& times) const;
  void clear() { multiline_.clear(); }

 private:
  Multiline multiline_;
  TextSource source_;
  Message first_;  ///< without its text
};

}  // namespace ship
