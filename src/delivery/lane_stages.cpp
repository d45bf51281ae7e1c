#include <utility>

#include "delivery/lane.hpp"

// The lane's stages: what it leaves out on the way in, and what changes its records on the way out.

namespace ship {

void Lane::set_pipeline(FuturePlan plan) { plan_ = std::move(plan); }

void Lane::set_filter_chain(std::unique_ptr<FilterChain> filter_chain) {
  filter_chain_.replace(std::move(filter_chain));
}

Pipeline* Lane::lend_pipeline() {
  if (!plan_.valid()) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_pipelines_.empty()) {
      Pipeline* const lent = idle_pipelines_.back();
      idle_pipelines_.pop_back();
      return lent;
    }
  }
  auto made = std::make_unique<Pipeline>(plan_.get());
  const std::lock_guard lock(mutex_);
  pipelines_.push_back(std::move(made));
  return pipelines_.back().get();
}

void Lane::take_back(Pipeline* pipeline) {
  if (!pipeline) return;
  const std::lock_guard lock(mutex_);
  idle_pipelines_.push_back(pipeline);
}

void Lane::choose(std::span<const Record> records, bool end) {
  const std::lock_guard lock(choosing_);
  chosen_.assign(records.begin(), records.end());
  const std::uint64_t left_out = filter_chain_.filter(chosen_, end);
  take_over(chosen_, false, left_out);
}

void Lane::leave_out(Batch& batch, const std::vector<LeftOut>& left_out) {
  if (left_out.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const LeftOut& one : left_out) {
    Tally tally;
    tally.add(batch.is_protected(one.index));
    if (!abandoned_) ledger_.dropped(drop_reason_of(one.outcome), tally);
  }
  batch.move_to_front(0, batch.size(), indices_of(left_out));
  queue_.release(batch, 0, left_out.size());
}

}  // namespace ship
