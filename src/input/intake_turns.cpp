#include <algorithm>
#include <limits>
#include <utility>

#include "input/intake.hpp"

namespace ship {

std::uint64_t WaitingLines::begin() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  if (group.holds()) first = group.at() & ~kUnendedLine;
  for (const LineParts& part : parts) {
    if (part.waits) first = std::min(first, part.at & ~kUnendedLine);
  }
  return first;
}

Flow Intake::make_flow(std::size_t block_bytes) const {
  return {options_.input.max_line_bytes, block_bytes, multiline_, {options_.stream}};
}

void Intake::cut() {
  flush();
  flow_->splitter_.cut_line();
  take_blocks();
}

void Intake::begin_turn(const RunId& file, std::uint64_t offset, Unwrap unwrap,
                        std::unique_ptr<WaitingLines> waiting) {
  file_ = file;
  flow_->splitter_.begin_at(offset);
  unwrapper_.set_what(unwrap);
  if (!waiting) return;
  std::swap(flow_->waiting_, *waiting);
  spare_ = std::move(waiting);
}

std::unique_ptr<WaitingLines> Intake::end_turn(std::uint64_t unread) {
  flow_->splitter_.discard_line();
  file_.reset();
  counting_.bytes -= unread;
  {
    const std::lock_guard lock(mutex_);
    published_ = counting_;
  }
  WaitingLines& waiting = flow_->waiting_;
  if (!waiting.any()) {
    waiting.group.clear();
    waiting.deadline.reset();
    return nullptr;
  }
  if (!spare_) {
    spare_ = std::make_unique<WaitingLines>(
        WaitingLines{TextGroup(multiline_, {options_.stream}), {}, false, {}, {}});
  }
  std::swap(waiting, *spare_);
  return std::move(spare_);
}

}  // namespace ship
