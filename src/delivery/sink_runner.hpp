#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "delivery/lane.hpp"
#include "delivery/spooler.hpp"
#include "delivery/worker.hpp"
#include "settings/sink_settings.hpp"

namespace ship {

using Workers = std::vector<std::unique_ptr<Worker>>;
/// Makes one more worker for the sink as currently configured. Errors: config, io.
using WorkerFactory = std::function<Result<std::unique_ptr<Worker>>()>;

/// The workers that a generation starts with, and where more come from.
struct Crew {
  Workers workers;
  WorkerFactory more;
};

/// A lane and all that work for it: its workers, generation after generation, and its spooler.
/// Enforces their deadlines: when a former generation's sends are interrupted, and when the drain
/// budget is spent. Guarded by its owner's lock, except where noted.
class SinkRunner {
 public:
  /// `spool` may be null; `on_change` as in Lane.
  SinkRunner(const SinkSettings& settings, Clock& clock, const LogFunction& log,
             std::unique_ptr<Spool> spool, std::function<void()> on_change);
  /// Makes the spooler's thread, if there is a spool. Call before `start`. Errors: io.
  Result<void> prepare();

  const std::string& name() const { return lane_.name(); }
  const SinkSettings& settings() const { return settings_; }
  Lane& lane() { return lane_; }
  const Lane& lane() const { return lane_; }

  /// Adds the first generation; call before `start`. The targets outlive the generation.
  void start_workers(Crew crew, LaneTargets targets);
  void start();

  /// Applies other settings for the same destination; no worker stops.
  void change(const SinkSettings& settings);
  /// Another destination: new workers take over, see Lane::replace_workers. A current attempt gets
  /// a second to end.
  void replace_workers(const SinkSettings& settings, Crew crew, LaneTargets targets);
  /// The sink is gone from the settings: what it still has gets the drain budget from now on.
  void retire();

  /// Starts the drain budget, unless it has already started. `hold_until` as in Lane.
  void begin_drain(SteadyTime hold_until = SteadyTime::max());
  /// Does what is due, and returns when to call it next.
  SteadyTime keep_time();
  /// Whether both the budget and the extra time to stop and save are spent.
  bool out_of_time() const;
  /// Interrupts every wait and every send.
  void stop();

  /// Whether a worker that still runs diverts records to that lane, or has notes for it.
  bool diverts_to(const Lane& lane) const;
  /// Removes and returns the ended workers of former generations; join them without the owner's
  /// lock.
  Workers take_ended();
  /// Joins all threads, which have ended. Call without the owner's lock.
  void join();

 private:
  /// Adds as many as the lane can use.
  void add_workers();

  struct Generation {
    Workers workers;
    WorkerFactory more;  ///< null: there can be no more
    LaneTargets targets;
    std::stop_source sends;                       ///< of a former generation
    SteadyTime interrupt_at = SteadyTime::max();  ///< max: never, or already done
  };

  SinkSettings settings_;
  Clock& clock_;
  const LogFunction log_;
  Lane lane_;
  std::unique_ptr<Spooler> spooler_;
  Generation present_;
  std::vector<Generation> former_;
  SteadyTime drain_until_ = SteadyTime::max();
  bool stopped_ = false;
};

}  // namespace ship
