#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "record/record.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// Writes records as lines into a byte stream that may stop anywhere (a full disk, a pipe whose
/// reader stalls), and continues where it stopped: each line comes out exactly once and complete.
///
/// It remembers a line that is torn when a send ends. If the next send begins with the same line,
/// only its rest is written; if it begins with another, a newline ends the torn one first. One
/// thread.
class LineStream {
 public:
  /// Appends the text of a record, its newline included, to `out`. Need not give the same text
  /// twice.
  using Format = std::function<void(const Record& record, std::string& out)>;
  /// Writes a prefix of `bytes`, waiting as needed; returns its length, at least 1.
  using Write = std::function<Result<std::size_t>(std::string_view bytes)>;

  /// Without a format, a record's text is its line as it came, plus a newline.
  explicit LineStream(Format format = {}) : format_(std::move(format)) {}

  /// The text of the records, newlines included, as `send` would write it.
  std::string text(std::span<const Record> records) const;

  struct Outcome {
    std::size_t complete = 0;    ///< how many of the records, from the first on, are completely
                                 ///< written
    std::uint64_t bytes = 0;     ///< written by this send
    std::optional<Error> error;  ///< what `write` returned, if not all are complete
  };
  Outcome send(std::span<const Record> records, const Write& write);

  /// Bytes of an unfinished line at the end of the stream.
  std::size_t torn() const { return torn_size_; }
  /// Whether something at the end of the stream must still be completed or ended.
  bool unfinished() const { return needs_newline_ || torn_size_ > 0; }
  /// The torn bytes are gone (taken back, or the stream is new): the next line starts clean.
  void forget_torn();
  /// The end of the stream is not a complete line and stays: end it with a newline first.
  void end_torn();

 private:
  void append(const Record& record);
  void stopped_at(std::span<const Record> records, std::size_t position, std::size_t lead,
                  Outcome& outcome);

  Format format_;
  std::string buffer_;  ///< only `size_` bytes are in use; the rest is not cleared each time
  std::size_t size_ = 0;
  std::vector<std::size_t> ends_;  ///< where each record's text ends in buffer_
  std::size_t torn_size_ = 0;      ///< how much of torn_text_ is written; 0: no line is torn
  std::string torn_line_;          ///< the record's line
  std::string torn_text_;          ///< its whole text
  bool needs_newline_ = false;
};

/// The verdict on `records`, of which the first `complete` are stored: ok, partial with the others
/// to be sent again, or what the error alone means (transient: retry, else hold).
Verdict line_verdict(std::size_t complete, std::size_t records, std::uint64_t bytes,
                     const std::optional<Error>& error);

}  // namespace ship
