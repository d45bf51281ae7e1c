#include "delivery/loss_meter.hpp"

#include <utility>

namespace ship {

SinkLosses LossMeter::take(const LaneCounts& counts) {
  SinkLosses losses;
  losses.waiting = counts.pending;
  losses.spooled = counts.spooled;
  const auto tell = [&](std::size_t place, Ending ending, std::uint64_t count) {
    const std::uint64_t before = std::exchange(told_[place], count);
    if (count > before) losses.by_reason.emplace_back(ending_text(ending), count - before);
  };
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    tell(i, static_cast<Ending>(i), counts.dropped[i]);
  }
  tell(kDropReasons, Ending::dead_lettered, counts.dead_lettered);
  tell(kDropReasons + 1, Ending::diverted, counts.diverted);
  return losses;
}

}  // namespace ship
