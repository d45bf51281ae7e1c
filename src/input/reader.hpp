#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "input/input_progress.hpp"
#include "input/input_report.hpp"
#include "input/intake.hpp"
#include "input/loop_times.hpp"
#include "input/source.hpp"

namespace ship {

/// The thread that reads: one input after the other, in the order of the settings, into an Intake.
/// It waits only for input; what a callback does is up to the callback.
///
///   auto reader = Reader::open(options, on_records, on_invalid_line, on_done);
///   (*reader)->start();  …  (*reader)->begin_drain();  …  (*reader)->join();
class Reader {
 public:
  /// Called once, last, on the reader's thread: the input ended, was drained or was stopped.
  /// Errors: io or corrupt, with a line for each input that failed; the inputs after it were still
  /// read.
  using OnDone = std::function<void(Result<void>)>;

  /// Opens the first input and checks the others, which are opened in turn. Starts nothing. The
  /// callbacks run on the reader's thread and must not throw. `clock` outlives the reader. Errors:
  /// io or corrupt, with a line for each input that cannot be read.
  static Result<std::unique_ptr<Reader>> open(const Intake::Options& options,
                                              Intake::OnRecords on_records,
                                              Intake::OnInvalidLine on_invalid_line, OnDone on_done,
                                              Clock& clock = system_clock());
  /// The same for one source that is already open, such as a child's pipe; ignores
  /// options.input.paths.
  static Result<std::unique_ptr<Reader>> open(Source source, const Intake::Options& options,
                                              Intake::OnRecords on_records,
                                              Intake::OnInvalidLine on_invalid_line, OnDone on_done,
                                              Clock& clock = system_clock());
  /// Stops and joins.
  ~Reader();

  /// Starts the thread, once.
  void start();

  /// Takes what is in the pipe (or socket, FIFO, terminal) at this moment, then ends; in a regular
  /// file, finishes the current block. Returns at once; any thread but the reader's own; may be
  /// called again.
  void begin_drain();

  /// Ends after the current block; what is still in the pipe stays there. Returns at once; any
  /// thread.
  void stop();

  /// Waits for the thread, which ends on its own at the end of input, and soon after begin_drain or
  /// stop, unless a callback hangs. May be called again.
  void join();

  /// From any thread, at any time.
  InputCounts counts() const { return intake_.counts(); }
  /// From any thread, at any time; the reader waits for it no longer than for the copy.
  LoopTimes loop_times() const;
  /// From any thread, at any time.
  InputProgress progress() const;
  /// One for each file, in their order; for many files one for all. From any thread, at any time.
  std::vector<InputReport> reports() const;
  /// When something was last read; the epoch before that. From any thread, at any time.
  SteadyTime last_read() const { return last_read_.load(std::memory_order_relaxed); }

 private:
  enum class Phase { reading, draining, stopping };
  enum class Wake { input, signal, timeout };

  Reader(const Intake::Options& options, Intake::OnRecords on_records,
         Intake::OnInvalidLine on_invalid_line, OnDone on_done, Clock& clock, Event wake,
         ParkedThread thread);

  void run();
  Result<void> read_all();
  Result<void> read_one(Source& source);
  Result<void> drain(Source& source);
  Result<std::size_t> read_block(Source& source, std::size_t most);
  void end_turn(SteadyTime began);
  void finish_file(std::uint64_t size);
  Wake wait(const Source& source) const;
  int milliseconds_left() const;
  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  void move_to(Phase phase);

  std::vector<std::string> paths_;  ///< to be opened behind the first
  std::string name_;                ///< of the first, for statistics
  std::string type_;
  std::vector<std::uint64_t> sizes_;
  /// How many files have had this fingerprint so far.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> files_seen_;
  std::uint64_t size_ = 0;  ///< of all files; 0: unknown
  std::unique_ptr<Source> first_;
  Intake intake_;
  OnDone on_done_;
  Clock& clock_;
  const Event wake_;
  std::atomic<Phase> phase_{Phase::reading};
  std::atomic<std::uint64_t> finished_bytes_{0};  ///< of the files before this one
  std::atomic<std::uint64_t> file_bytes_{0};      ///< of this one
  std::atomic<std::size_t> finished_files_{0};
  std::atomic<bool> ended_{false};
  std::atomic<SteadyTime> last_read_{SteadyTime{}};
  mutable std::mutex ends_mutex_;
  std::vector<InputCounts> ends_;  ///< when each file that was read had ended
  mutable std::mutex loop_mutex_;
  LoopTimes loop_times_;
  ParkedThread thread_;
};

}  // namespace ship
