#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "input/enveloped_line.hpp"
#include "input/input_counts.hpp"
#include "input/input_settings.hpp"
#include "input/record_filter.hpp"
#include "input/splitter.hpp"
#include "input/text_group.hpp"
#include "record/envelope.hpp"
#include "record/identity.hpp"
#include "record/logfmt_line.hpp"
#include "record/probe.hpp"
#include "record/record.hpp"
#include "record/text_line.hpp"

namespace ship {

/// Bytes in, records out: splits, probes, wraps what is not JSON, filters, counts. Used by one
/// thread, the reader's; only `counts` may be called from any. Allocates nothing for each line, and
/// after its first blocks nothing at all unless a line is longer than any before it.
///
///   room = intake.room(); n = read(fd, room); intake.take(n); … intake.end_input();
class Intake {
 public:
  /// Takes records in the order of their lines, at most kBatchRecords in a call. The views live
  /// until it returns. Must not throw.
  using OnRecords = std::function<void(std::span<const Record>)>;
  /// Takes a line that is not a JSON object under `on_invalid = dead_letter`: its bytes as they came,
  /// without the line end, why as a clause ("is not a JSON object"), and its identity.
  using OnInvalidLine =
      std::function<void(std::string_view line, std::string_view reason, const RecordId& id)>;

  static constexpr std::size_t kBatchRecords = 4096;

  struct Options {
    InputSettings input;
    RecordFilter* filter = nullptr;  ///< lives longer than the intake; null: all records go on
    Stream stream = Stream::standard_output;
    /// Text keeps the escape sequences of terminals: for a person in front of one, and nobody else.
    bool keep_colors = false;
    /// A person answers what is asked without a newline: the beginning of a line of text that gets
    /// no further for multiline_timeout counts as a line. Never that of an object.
    bool prompts = false;
    /// Where the sequence numbers of records come from; lives longer than the intake. null: a run
    /// of its own.
    RecordNumbers* numbers = nullptr;
  };

  /// `on_invalid_line` may be empty. `clock` lives longer than the intake. A pattern in
  /// options.input.multiline_start that is not a regular expression counts as none.
  Intake(const Options& options, OnRecords on_records, OnInvalidLine on_invalid_line,
         Clock& clock = system_clock());
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// The bytes up to the next `end_input` are a regular file with this fingerprint, from its
  /// beginning on: its records are known by it and by where their lines begin.
  void begin_file(const RunId& fingerprint) { file_ = fingerprint; }
  /// The next record had this identity before.
  void identify_next(const RecordId& id) { known_id_ = id; }
  /// Where the next bytes go.
  std::span<char> room() { return splitter_.room(); }
  /// `bytes` of the room now hold input: hands out the records of every line that is whole, then
  /// counts.
  void take(std::size_t bytes);
  /// The same for bytes that are somewhere already, at most `piece` of them at a time.
  void feed(std::string_view bytes, std::size_t piece = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::span<char> free = room();
      const std::size_t size = std::min({free.size(), bytes.size(), piece});
      std::memcpy(free.data(), bytes.data(), size);
      take(size);
      bytes.remove_prefix(size);
    }
  }
  /// When `wake` is due unless more input comes before: lines of text wait for those that go on
  /// with them, a filter for the end of its window. None: nothing waits.
  std::optional<SteadyTime> deadline() const;
  /// Hands out what has waited long enough.
  void wake();
  /// Hands out what waits for lines to join it.
  void flush();
  /// The input ended here, with or without a newline. Another may follow.
  void end_input();
  /// Reading ends here, in the middle of an input: the line that was begun is nobody's. Then as
  /// end_input.
  void break_off();
  /// Nothing follows: what the filter holds back goes on.
  void finish();

  // Many inputs that take turns, each with whole lines.

  /// Lines of one input that wait for those that go on with them, while others have their turns.
  struct Waiting {
    TextGroup group;
    std::array<LineParts, 2> parts;
    bool group_is_new = false;
    SteadyTime group_began{};
    std::optional<SteadyTime> deadline;  ///< when a turn with `flush` is due

    /// Where in the input the first of them begins.
    std::uint64_t begin() const;
  };

  /// The next bytes stand at `offset` of the file with this run id, and have these envelopes.
  /// `waiting` is what its last turn left; null: nothing.
  void begin_turn(const RunId& file, std::uint64_t offset, Unwrap unwrap,
                  std::unique_ptr<Waiting> waiting);
  /// The beginning of a line waits for its other parts, while later lines may go on.
  bool parts_wait() const { return parts_[0].waits || parts_[1].waits; }
  /// Another input has its turn next. The last `unread` bytes were a line without newline; it counts
  /// as not read. Returns what waits; null: nothing.
  std::unique_ptr<Waiting> end_turn(std::uint64_t unread);

  /// A consistent picture: it is balanced, and a record is in it once the call that took it has
  /// returned. From any thread; the reader never waits for it longer than for the copy.
  InputCounts counts() const;

 private:
  void swap_waiting(Waiting& waiting);
  void take_blocks();
  void take_cut(const Line& line);
  void take_line(std::string_view line);
  void take_text(std::string_view line, Fault fault);
  void take_enveloped(const EnvelopedLine& line, Fault fault);
  void finish_parts(LineParts& parts);
  bool take_part_object(const LineParts& parts);
  void group_of(const TextSource& source);
  void take_bare_text(std::string_view line, Fault fault, const Around& around = {});
  void finish_text(const TextGroup::Message& message);
  bool finish_object(std::string_view text, std::uint64_t at, const Around& around);
  bool take_object(std::string_view text, std::uint64_t at, const Around& around);
  void close_group();
  bool prompt_waits() const;
  void set_deadline();
  void wrap(std::string_view text, std::uint64_t original_size, const TextFinding& told,
            std::uint64_t at);
  void submit_object(std::string_view line, const Finding& finding, std::uint64_t at);
  /// The last record of the batch is complete but for its identity.
  void submit_last(std::uint64_t at);
  RecordId identity(std::uint64_t at);
  char* reserve(std::size_t bytes);
  void hand_over(bool end = false);

  Options options_;
  OnRecords on_records_;
  OnInvalidLine on_invalid_line_;
  Clock& clock_;
  Splitter splitter_;
  Probe probe_;
  Envelope envelope_;
  LogfmtLine logfmt_;
  Unwrapper unwrapper_;
  TextGroup group_;
  TimeParser text_times_;
  std::unique_ptr<Probe> joined_probe_;  ///< for objects over many lines; made when one comes
  std::array<LineParts, 2> parts_;       ///< of standard output and standard error
  bool group_is_new_ = false;
  SteadyTime group_began_{};
  std::optional<SteadyTime> deadline_;
  std::unique_ptr<Waiting> spare_;  ///< empty, for the next turn that leaves something
  std::string bare_line_;
  std::string bare_text_;
  WallNanos arrival_ = 0;
  std::optional<RecordNumbers> own_numbers_;
  RecordNumbers& numbers_;
  std::uint64_t next_number_ = 0;
  std::uint64_t numbers_end_ = 0;  ///< of those that were taken
  std::optional<RunId> file_;
  std::optional<RecordId> known_id_;
  std::uint64_t line_at_ = 0;  ///< where the line that is being taken begins in the input
  std::vector<Record> batch_;
  std::unique_ptr<char[]> wrapped_;  ///< the bytes of the batch's wrapped lines
  std::size_t wrapped_capacity_ = 0;
  std::size_t wrapped_size_ = 0;
  InputCounts counting_;  ///< the reader's own; published after each hand-over
  std::uint64_t skipped_in_blocks_ = 0;
  mutable std::mutex mutex_;  ///< held for one copy of the counts
  InputCounts published_;
};

}  // namespace ship
