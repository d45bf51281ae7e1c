#include "stage/choose/replaceable_filter_chain.hpp"

#include <utility>

namespace ship {

void ReplaceableFilterChain::replace(std::unique_ptr<FilterChain> next) {
  const std::lock_guard lock(mutex_);
  if (next && next->empty()) next.reset();
  next_ = std::move(next);
  replaced_.store(true, std::memory_order_release);
  empty_.store(false, std::memory_order_release);
}

std::uint64_t ReplaceableFilterChain::filter(std::vector<Record>& batch, bool end) {
  std::vector<Record> held;
  std::uint64_t left_out = 0;
  if (replaced_.load(std::memory_order_acquire)) left_out = take_next(held);
  if (present_) left_out += present_->filter(batch, end);
  batch.insert(batch.begin(), held.begin(), held.end());
  return left_out;
}

std::uint64_t ReplaceableFilterChain::take_next(std::vector<Record>& held) {
  const std::uint64_t left_out = present_ ? present_->filter(held, true) : 0;
  const std::lock_guard lock(mutex_);
  if (present_) merge_stages(former_counts_, present_->counts());
  former_ = std::exchange(present_, std::move(next_));
  replaced_.store(false, std::memory_order_release);
  empty_.store(!present_, std::memory_order_release);
  return left_out;
}

std::optional<SteadyTime> ReplaceableFilterChain::wake_at() const {
  return present_ ? present_->wake_at() : std::nullopt;
}

std::vector<StageCounts> ReplaceableFilterChain::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<StageCounts> counts = former_counts_;
  if (present_) merge_stages(counts, present_->counts());
  return counts;
}

}  // namespace ship
