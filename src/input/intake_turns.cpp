#include <algorithm>
#include <limits>
#include <utility>

#include "input/intake.hpp"
#include "input/reading_options.hpp"

namespace ship {

std::uint64_t Intake::Waiting::begin() const {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  if (group.holds()) first = group.at() & ~kUnendedLine;
  for (const LineParts& part : parts) {
    if (part.waits) first = std::min(first, part.at & ~kUnendedLine);
  }
  return first;
}

void Intake::swap_waiting(Waiting& waiting) {
  std::swap(group_, waiting.group);
  std::swap(parts_, waiting.parts);
  std::swap(group_is_new_, waiting.group_is_new);
  std::swap(group_began_, waiting.group_began);
  std::swap(deadline_, waiting.deadline);
}

void Intake::begin_turn(const RunId& file, std::uint64_t offset, Unwrap unwrap,
                        std::unique_ptr<Waiting> waiting) {
  file_ = file;
  splitter_.begin_at(offset);
  unwrapper_.set_what(unwrap);
  if (!waiting) return;
  swap_waiting(*waiting);
  spare_ = std::move(waiting);
}

std::unique_ptr<Intake::Waiting> Intake::end_turn(std::uint64_t unread) {
  splitter_.discard_line();
  file_.reset();
  counting_.bytes -= unread;
  {
    const std::lock_guard lock(mutex_);
    published_ = counting_;
  }
  if (!group_.holds() && !parts_[0].waits && !parts_[1].waits) {
    group_.clear();
    deadline_.reset();
    return nullptr;
  }
  if (!spare_) {
    spare_ = std::make_unique<Waiting>(Waiting{
        TextGroup(multiline_options(options_.input), {options_.stream}), {}, false, {}, {}});
  }
  swap_waiting(*spare_);
  return std::move(spare_);
}

}  // namespace ship
