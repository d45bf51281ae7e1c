#include "delivery/fan_out.hpp"

#include <algorithm>

namespace ship {

void FanOut::submit(std::span<const Record> records) {
  Set* set = nullptr;
  {
    const std::lock_guard lock(mutex_);
    set = present_.get();
    ++set->readers;
  }
  for (Lane* lane : set->lanes) lane->submit(records);
  {
    const std::lock_guard lock(mutex_);
    if (--set->readers > 0 || set == present_.get()) return;
    std::erase_if(former_, [set](const auto& former) { return former.get() == set; });
  }
  on_left_();
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
