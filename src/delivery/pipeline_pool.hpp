#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "stage/pipeline.hpp"

namespace ship {

/// The pipelines that change one lane's records as they leave memory: one for each thread that does
/// so concurrently. Thread-safe.
class PipelinePool {
 public:
  /// If `plan` is not valid, records are sent as they came. Call before anyone borrows.
  void set_plan(FuturePlan plan) { plan_ = std::move(plan); }
  /// A pipeline for the caller's exclusive use until it is taken back; null if there is none. Waits
  /// until the plan is ready.
  Pipeline* lend();
  /// May be null.
  void take_back(Pipeline* pipeline);
  /// Adds the counts of all pipelines to `stages`, stage by stage.
  void report(std::vector<StageCounts>& stages) const;

 private:
  FuturePlan plan_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Pipeline>> all_;
  std::vector<Pipeline*> idle_;
};

}  // namespace ship
