#include "delivery/fan_out.hpp"

#include <algorithm>
#include <utility>

namespace ship {

void FanOut::submit(std::span<const Record> records) {
  Set* set = nullptr;
  {
    const std::lock_guard lock(mutex_);
    set = present_.get();
    ++set->readers;
  }
  hand_over(set->lanes, records);
  {
    const std::lock_guard lock(mutex_);
    if (--set->readers > 0 || set == present_.get()) return;
    std::erase_if(former_, [set](const auto& former) { return former.get() == set; });
  }
  on_left_();
}

void FanOut::hand_over(const std::vector<Lane*>& lanes, std::span<const Record> records) {
  if (lanes.size() == 1) return lanes.front()->submit(records);
  // Each lane first gets what it has room for, so lanes held up by a disk or a sink wait together,
  // not one after the other.
  std::vector<std::pair<Lane*, std::size_t>> waiting;
  for (Lane* lane : lanes) {
    const std::size_t taken = lane->offer(records);
    if (taken < records.size()) waiting.emplace_back(lane, taken);
  }
  for (const auto& [lane, taken] : waiting) lane->submit(records.subspan(taken));
}

void FanOut::replace(std::vector<Lane*> lanes) {
  auto set = std::make_unique<Set>();
  set->lanes = std::move(lanes);
  const std::lock_guard lock(mutex_);
  std::swap(set, present_);
  if (set->readers > 0) former_.push_back(std::move(set));
}

bool FanOut::uses(const Lane& lane) const {
  const auto has = [&lane](const auto& set) {
    return std::find(set->lanes.begin(), set->lanes.end(), &lane) != set->lanes.end();
  };
  const std::lock_guard lock(mutex_);
  return has(present_) || std::any_of(former_.begin(), former_.end(), has);
}

}  // namespace ship
