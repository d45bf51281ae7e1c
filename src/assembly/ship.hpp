#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "delivery/sink_change.hpp"
#include "input/readers.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"
#include "stats/admin/web_stream.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// A running pipeline, built from validated settings: input, lanes, sinks, ledger. cli/ and the
/// tests use this and nothing below it. All methods but `reload`, `snapshot` and `open_tap` are
/// called from one thread (main).
///
///   auto ship = Ship::build(settings, environment);
///   ship->start();
///   poll(ship->done_fd())  // readable once input ended and each lane is drained or out of time
///   auto ending = ship->finish();
class Ship {
 public:
  /// Opens inputs and makes sinks; starts nothing. Reads `inputs` if there are any, else what the
  /// settings name. Errors: config, io (an input that cannot be opened).
  static Result<std::unique_ptr<Ship>> build(Settings settings, SinkEnvironment environment,
                                             std::vector<OpenInput> inputs = {});
  ~Ship();

  /// Whether a run with these settings would read what it writes, as far as inputs are named and
  /// not standard input. Errors: config, with both names. `build` looks at standard input, too.
  static Result<void> check_named_inputs(const Settings& settings);
  /// Where the sink of this name keeps its spool below `base`, the sink's spool.dir.
  static std::string spool_directory(const std::string& base, const std::string& sink);

  void start();

  /// Becomes readable once every record read has its ending, or the drain budget is spent, or,
  /// unless a command is run, no sink can deliver any more.
  int done_fd() const;

  /// SIGTERM: takes what is already in the pipe, then no more, and starts the drain budget. End of
  /// input does the same on its own. May be called again; the first call counts.
  /// With `reading_on`, inputs that do not end are read for that much longer, out of the same
  /// budget: at most half of it.
  void begin_drain(std::chrono::milliseconds reading_on = {});

  /// For Ctrl-C with a pipe as input, whose writer got it too: reads its last output to the end of
  /// input, or until it has been silent for the shortest drain_timeout, and only then drains.
  void read_to_end();

  /// SIGHUP: every sink reopens its files before its next batch.
  void reopen();

  /// Tells the sinks that the reader of standard output has gone away; a sink with nothing to write
  /// would not notice.
  void lose_standard_output();

  /// Switches to other sinks, filters, labels and preset; everything else stays as it was at the
  /// start. A sink with the same name and settings is not touched. A changed sink with the name of
  /// a running one takes over its queue, spool and counts, undelivered records included. A removed
  /// sink delivers what it has within its drain_timeout; its counts stay. Readers are not held up.
  /// Any thread, but one at a time; may take seconds (a spool is opened). Errors: those of build;
  /// transient when the run is ending or a spool is still in use. After an error, everything stays
  /// as it was.
  Result<std::vector<SinkChange>> reload(const Settings& wanted);

  /// A consistent snapshot; both identities of the statistics hold in it. May be called any time
  /// between build and the end.
  StatsSnapshot snapshot() const;

  /// Looks at records while they pass, for an AdminServer; whoever reads slowly sees less, and holds
  /// up nobody. One thread, while the ship lives. Errors: config (no such sink, what is wrong with the
  /// expression), transient: there are too many already.
  Result<std::unique_ptr<WebStream>> open_tap(const TapRequest& wanted);

  /// How far the reading of files has come; when the snapshot may be taken, too.
  InputProgress progress() const;

  struct Ending {
    std::uint64_t undelivered = 0;  ///< records counted under `shutdown`
    bool lost = false;              ///< a sink that must not lose records dropped one
    bool input_failed = false;      ///< reading ended with an error, not with end of input
    bool output_lost = false;       ///< the reader of the only output has gone away
    bool stuck = false;             ///< a thread still hangs in the kernel: exit with _exit
  };
  /// Stops every thread, gives up what is left (counted as `shutdown`). Takes at most 300 ms once
  /// done_fd is readable; called earlier, it cuts the drain short. Afterwards only `snapshot` may
  /// be called.
  Ending finish();

 private:
  struct State;
  explicit Ship(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
