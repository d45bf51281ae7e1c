#pragma once

#include <future>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"
#include "stage/pipeline.hpp"

namespace ship {

/// Makes the plan of the stages that change records, on its own thread, in parallel with reading:
/// many patterns take some 100 ms to compile, and a metadata service may take a second to answer.
/// Whoever needs the plan waits for it; no record continues without it. Belongs to one thread.
class StagePlanner {
 public:
  ~StagePlanner() { hurry(); }
  /// Finds everything that can be wrong with the settings. Both arguments outlive the planner.
  /// Errors: config, with the key of the setting; io if no thread can be made.
  Result<void> prepare(const Settings& settings, const SinkEnvironment& environment);
  /// The plan, some time after `start`; not valid if no stage is set.
  const FuturePlan& plan() const { return plan_; }
  void start();
  /// No time is left: stops waiting for answers from the network.
  void hurry() { stop_.request_stop(); }

 private:
  void make(PipelinePlan& plan, const std::stop_token& stop);

  const Settings* settings_ = nullptr;
  const SinkEnvironment* environment_ = nullptr;
  std::shared_ptr<PipelinePlan> prepared_;
  std::promise<std::shared_ptr<const PipelinePlan>> promise_;
  FuturePlan plan_;
  std::stop_source stop_;
  std::optional<ParkedThread> thread_;
};

}  // namespace ship
