#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "input/input_settings.hpp"
#include "input/reader.hpp"

namespace ship {

/// A descriptor that is already open, such as the read end of a command's pipe, and what it
/// carries.
struct OpenInput {
  Fd fd;
  std::string name;  ///< for messages
  Stream stream = Stream::standard_output;
};

/// All readers of one run, as if they were one: a reader for each open input, or a single one that
/// reads the files of the settings in order. The methods are Reader's; the callbacks may run on
/// several threads at once, except `on_done`, which is called once, by the last one, with the first
/// error. `clock` outlives it.
class Readers {
 public:
  struct Options {
    InputSettings input;
    /// One for each open input, or one for the files; none: all records continue. They outlive the
    /// readers.
    std::vector<RecordFilter*> filters;
    bool keep_colors = false;
    bool prompts = false;
    RecordNumbers* numbers = nullptr;  ///< as in Intake::Options
  };

  static Result<std::unique_ptr<Readers>> open(const Options& options,
                                               std::vector<OpenInput> inputs,
                                               const Intake::OnRecords& on_records,
                                               const Intake::OnInvalidLine& on_invalid_line,
                                               Reader::OnDone on_done, Clock& clock);

  void start();
  void begin_drain();
  void stop();
  void join();
  /// The sum over all; balanced, because each part is.
  InputCounts counts() const;
  /// The times of all readers together.
  LoopTimes loop_times() const;
  /// The latest of all readers.
  SteadyTime last_read() const;
  /// The progress of the reader that reads the files.
  InputProgress progress() const { return readers_.front()->progress(); }

 private:
  explicit Readers(Reader::OnDone on_done) : on_done_(std::move(on_done)) {}

  void take_end(Result<void> outcome);

  Reader::OnDone on_done_;
  std::mutex mutex_;
  std::size_t running_ = 0;
  Result<void> outcome_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace ship
