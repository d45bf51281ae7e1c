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
#include "input/flow.hpp"
#include "input/input_counts.hpp"
#include "input/input_settings.hpp"
#include "input/record_filter.hpp"
#include "record/envelope.hpp"
#include "record/identity.hpp"
#include "record/logfmt_line.hpp"
#include "record/probe.hpp"
#include "record/record.hpp"
#include "record/text_line.hpp"

namespace ship {

/// Bytes in, records out: splits, probes, wraps what is not JSON, filters, counts. Used by one
/// thread, the reader's; only `counts` may be called from any thread. Allocates nothing per line,
/// and after its first blocks nothing at all unless a line is longer than any before.
///
///   room = intake.room(); n = read(fd, room); intake.take(n); … intake.end_input();
class Intake {
 public:
  /// Takes records in the order of their lines, at most kBatchRecords in a call. The views live
  /// until it returns. Must not throw.
  using OnRecords = std::function<void(std::span<const Record>)>;
  /// Takes a line that is not a JSON object under `on_invalid = dead_letter`: its bytes as they
  /// came, without the line end, the reason as a clause ("is not a JSON object"), and its identity.
  using OnInvalidLine =
      std::function<void(std::string_view line, std::string_view reason, const RecordId& id)>;

  static constexpr std::size_t kBatchRecords = 4096;

  struct Options {
    InputSettings input;
    RecordFilter* filter = nullptr;  ///< outlives the intake; null: all records continue
    Stream stream = Stream::standard_output;
    /// Text keeps terminal escape sequences; only for a person at a terminal.
    bool keep_colors = false;
    /// A person must see prompts, which have no newline: a partial line of text counts as a line if
    /// nothing more comes for multiline_timeout. Never a partial object.
    bool prompts = false;
    /// Where the sequence numbers of records come from; outlives the intake. Null: its own run.
    RecordNumbers* numbers = nullptr;
  };

  /// `on_invalid_line` may be empty. `clock` outlives the intake. If options.input.multiline_start
  /// is not a regular expression, it counts as none.
  Intake(const Options& options, OnRecords on_records, OnInvalidLine on_invalid_line,
         Clock& clock = system_clock());
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  /// The bytes up to the next `end_input` are a regular file with this fingerprint, from its start:
  /// its records are identified by it and by where their lines begin.
  void begin_file(const RunId& fingerprint) { file_ = fingerprint; }
  /// The next record had this identity before.
  void identify_next(const RecordId& id) { known_id_ = id; }
  /// A flow for one of many writers, whose reads are `block_bytes` at most.
  Flow make_flow(std::size_t block_bytes) const;
  /// What comes from now on belongs to `flow`; null: to the intake's own. `flow` lives until
  /// another is used.
  void use(Flow* flow) { flow_ = flow ? flow : &own_flow_; }
  /// Hands out all that the flow holds: text that waits, and of a line that was begun the beginning
  /// as one that is too long; its rest will be skipped.
  void cut();
  /// Where the next bytes go.
  std::span<char> room() { return flow_->splitter_.room(); }
  /// `bytes` of the room now hold input: hands out the records of every line that is whole, then
  /// counts.
  void take(std::size_t bytes);
  /// The same for bytes that are already elsewhere, at most `piece` of them at a time.
  void feed(std::string_view bytes, std::size_t piece = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::span<char> free = room();
      const std::size_t size = std::min({free.size(), bytes.size(), piece});
      std::memcpy(free.data(), bytes.data(), size);
      take(size);
      bytes.remove_prefix(size);
    }
  }
  /// When `wake` is due unless more input comes first: lines of text wait for lines that continue
  /// them, a filter for the end of its window. None: nothing waits.
  std::optional<SteadyTime> deadline() const;
  /// Hands out what has waited long enough.
  void wake();
  /// Hands out what waits for lines to join it.
  void flush();
  /// The input ended here, with or without a newline. Another may follow.
  void end_input();
  /// Reading stops here, in the middle of an input: discards the partial line, then acts as
  /// end_input.
  void break_off() {
    flow_->splitter_.discard_line();
    end_input();
  }
  /// Nothing follows: what the filter holds back goes on.
  void finish() { hand_over(true); }

  // Many inputs that take turns, each with whole lines.

  /// The next bytes stand at `offset` of the file with this run id, and have these envelopes.
  /// `waiting` is what its last turn left; null: nothing.
  void begin_turn(const RunId& file, std::uint64_t offset, Unwrap unwrap,
                  std::unique_ptr<WaitingLines> waiting);
  /// The beginning of a line waits for its other parts, while later lines may go on.
  bool parts_wait() const {
    return flow_->waiting_.parts[0].waits || flow_->waiting_.parts[1].waits;
  }
  /// Another input has its turn next. The last `unread` bytes were a line without newline; it counts
  /// as not read. Returns what waits; null: nothing.
  std::unique_ptr<WaitingLines> end_turn(std::uint64_t unread);

  /// A consistent picture: it is balanced, and a record is in it once the call that took it has
  /// returned. From any thread; the reader never waits for it longer than for the copy.
  InputCounts counts() const {
    const std::lock_guard lock(mutex_);
    return published_;
  }

 private:
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
  /// The last record of the batch is complete except for its identity.
  void submit_last(std::uint64_t at);
  RecordId identity(std::uint64_t at);
  char* reserve(std::size_t bytes);
  void hand_over(bool end = false);

  Options options_;
  OnRecords on_records_;
  OnInvalidLine on_invalid_line_;
  Clock& clock_;
  const Multiline::Options multiline_;
  Flow own_flow_;
  Flow* flow_ = &own_flow_;
  Probe probe_;
  Envelope envelope_;
  LogfmtLine logfmt_;
  Unwrapper unwrapper_;
  TimeParser text_times_;
  std::unique_ptr<Probe> joined_probe_;  ///< for objects over many lines; made when one comes
  std::unique_ptr<WaitingLines> spare_;  ///< empty, for the next turn that leaves something
  std::string bare_line_;
  std::string bare_text_;
  WallNanos arrival_ = 0;
  std::optional<RecordNumbers> own_numbers_;
  RecordNumbers& numbers_;
  std::uint64_t next_number_ = 0;
  std::uint64_t numbers_end_ = 0;  ///< the end of the numbers taken so far
  std::optional<RunId> file_;
  std::optional<RecordId> known_id_;
  std::uint64_t line_at_ = 0;  ///< where the current line begins in the input
  std::vector<Record> batch_;
  std::unique_ptr<char[]> wrapped_;  ///< the bytes of the batch's wrapped lines
  std::size_t wrapped_capacity_ = 0;
  std::size_t wrapped_size_ = 0;
  InputCounts counting_;      ///< the reader's own; published after each hand-over
  mutable std::mutex mutex_;  ///< held for one copy of the counts
  InputCounts published_;
};

}  // namespace ship
