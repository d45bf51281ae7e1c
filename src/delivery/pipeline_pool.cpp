#include "delivery/pipeline_pool.hpp"

#include <utility>

namespace ship {

Pipeline* PipelinePool::lend() {
  if (!plan_.valid()) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Pipeline* const lent = idle_.back();
      idle_.pop_back();
      return lent;
    }
  }
  auto made = std::make_unique<Pipeline>(plan_.get());
  const std::lock_guard lock(mutex_);
  all_.push_back(std::move(made));
  return all_.back().get();
}

void PipelinePool::take_back(Pipeline* pipeline) {
  if (!pipeline) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(pipeline);
}

void PipelinePool::report(std::vector<StageCounts>& stages) const {
  const std::lock_guard lock(mutex_);
  for (const auto& pipeline : all_) merge_stages(stages, pipeline->counts());
}

}  // namespace ship
