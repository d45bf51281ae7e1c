#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "stage/pipeline.hpp"

namespace ship {

/// The pipelines that change one lane's records on their way out of memory: one for each thread
/// that does so at the same time. Thread-safe.
class PipelinePool {
 public:
  /// Not valid: records go as they came. Before anybody borrows.
  void set_plan(FuturePlan plan) { plan_ = std::move(plan); }
  /// A pipeline that the caller has for itself until it is taken back; null where there is none.
  /// Waits until the plan is there.
  Pipeline* lend();
  /// May be null.
  void take_back(Pipeline* pipeline);
  /// Of all of them, stage by stage, added to `stages`.
  void report(std::vector<StageCounts>& stages) const;

 private:
  FuturePlan plan_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Pipeline>> all_;
  std::vector<Pipeline*> idle_;
};

}  // namespace ship
