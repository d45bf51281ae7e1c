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

/// Makes the plan of the stages that change records on a thread of its own, beside the reading:
/// many patterns take some 100 ms to compile, a metadata service may take a second to answer. Who
/// needs the plan waits for it; no record goes on without. Belongs to one thread.
class StagePlanner {
 public:
  ~StagePlanner() { hurry(); }
  /// All that can be wrong with the settings is found here. Both outlive the planner. Errors:
  /// config, with the key of the setting; io where there is no thread.
  Result<void> prepare(const Settings& settings, const SinkEnvironment& environment);
  /// The plan, some time after `start`; not valid where no stage is set.
  const FuturePlan& plan() const { return plan_; }
  void start();
  /// No time is left: whoever is asked over the network is waited for no more.
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
