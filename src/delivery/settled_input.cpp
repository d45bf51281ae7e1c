#include "delivery/settled_input.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "delivery/in_flight_batch.hpp"
#include "delivery/lane.hpp"

namespace ship {
namespace {

/// Of a lane that was stopped and may have turned records away: their stretch is never done.
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

void SettledInput::add(const Lane& lane) {
  const std::lock_guard lock(mutex_);
  lanes_.push_back(&lane);
  for (Group& group : groups_) group.until.push_back(0);
}

void SettledInput::remove(const Lane& lane) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(lanes_.begin(), lanes_.end(), &lane);
  if (found == lanes_.end()) return;
  const auto index = found - lanes_.begin();
  lanes_.erase(found);
  for (Group& group : groups_) group.until.erase(group.until.begin() + index);
}

void SettledInput::set_hold_back(std::chrono::milliseconds hold_back) {
  const std::lock_guard lock(mutex_);
  hold_back_ = hold_back;
}

std::chrono::milliseconds SettledInput::hold_back() const {
  const std::lock_guard lock(mutex_);
  return hold_back_;
}

void SettledInput::hands_on(const FileStretch& begun) {
  const std::lock_guard lock(mutex_);
  begun_ = begun;
}

void SettledInput::read(const FileStretch& stretch, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  begun_.reset();
  if (hold_back_.count() > 0 || !held_back_.empty()) {
    held_back_.push_back({stretch, now});
  } else {
    seal(stretch);
  }
}

void SettledInput::tick(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  while (!held_back_.empty() && held_back_.front().read_at + hold_back_ < now) {
    seal(held_back_.front().stretch);
    held_back_.pop_front();
  }
  hand_out();
}

// In one lane, numbers that follow each other are records between which there is none that waits.
void SettledInput::finished(const InFlightBatch& batch, std::size_t finished) {
  const std::lock_guard lock(mutex_);
  if (lanes_.size() != 1 || hold_back_.count() > 0 || batch.from_disk() || is_finished_) return;
  if (groups_.empty() || groups_.front().diverted) return;
  std::uint64_t number = 0;
  bool open = false;
  const auto records = batch.records(0, finished);
  for (std::size_t i = 0; i < finished; ++i) {
    const RecordId& id = records[i].id;
    const std::uint64_t at = id.sequence & ~kUnendedLine;
    const bool goes_on = open && batch.sequence(i) == number + 1 && ranges_.back().file == id.run &&
                         at > ranges_.back().last;
    number = batch.sequence(i);
    if (goes_on) {
      ranges_.back().last = at;
    } else {
      open = is_in_order(id);
      if (open) ranges_.push_back({id.run, at, at});
    }
  }
}

// Whether the records around this one were handed on in the order of their lines.
bool SettledInput::is_in_order(const RecordId& id) const {
  bool found = false;
  for (const Group& group : groups_) {
    for (const FileStretch& stretch : group.stretches) {
      if (stretch.file != id.run) continue;
      if (!stretch.in_order) return false;
      found = true;
    }
  }
  return found;
}

void SettledInput::advance() {
  const std::lock_guard lock(mutex_);
  hand_out();
}

void SettledInput::finish() {
  const std::lock_guard lock(mutex_);
  for (const Waiting& waiting : std::exchange(held_back_, {})) seal(waiting.stretch);
  hand_out();
  is_finished_ = true;
}

void SettledInput::diverted(const Lane& to) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(lanes_.begin(), lanes_.end(), &to);
  begun_.reset();
  if (found == lanes_.end() || groups_.empty()) return;
  const auto index = static_cast<std::size_t>(found - lanes_.begin());
  const LaneStanding standing = to.standing();
  for (Group& group : groups_) {
    group.diverted = true;
    group.until[index] = std::max(group.until[index], standing.stopped ? kNever : standing.next);
  }
}

void SettledInput::seal(const FileStretch& stretch) {
  std::vector<std::uint64_t> until;
  until.reserve(lanes_.size());
  for (const Lane* lane : lanes_) {
    const LaneStanding standing = lane->standing();
    until.push_back(standing.stopped ? kNever : standing.next);
  }
  if (groups_.empty() || groups_.back().until != until) {
    groups_.push_back({{stretch}, std::move(until), false});
    return;
  }
  std::vector<FileStretch>& stretches = groups_.back().stretches;
  const auto same = std::find_if(stretches.begin(), stretches.end(), [&](const FileStretch& other) {
    return other.file == stretch.file;
  });
  if (same == stretches.end()) {
    stretches.push_back(stretch);
  } else {
    same->end = std::max(same->end, stretch.end);
    same->in_order = same->in_order && stretch.in_order;
  }
}

void SettledInput::hand_out() {
  if ((groups_.empty() && !begun_) || is_finished_) {
    ranges_.clear();
    return;
  }
  oldest_.clear();
  oldest_ids_.clear();
  for (const Lane* lane : lanes_) {
    const LaneStanding standing = lane->standing();
    oldest_.push_back(standing.oldest);
    oldest_ids_.push_back(standing.oldest_id);
  }
  places_.clear();
  while (!groups_.empty() && is_done(groups_.front())) {
    for (const FileStretch& stretch : groups_.front().stretches) {
      places_.push_back({stretch.file, stretch.end});
    }
    groups_.pop_front();
  }
  if (!groups_.empty()) {
    find_place(groups_.front());
  } else if (begun_) {
    find_place_in_begun();
  }
  if (!places_.empty() || !ranges_.empty()) on_settled_(places_, ranges_);
  ranges_.clear();
}

bool SettledInput::is_done(const Group& group) const {
  for (std::size_t i = 0; i < oldest_.size(); ++i) {
    if (oldest_[i] < group.until[i]) return false;
  }
  return true;
}

// The reader may still be handing on: what every lane holds of the stretch tells where it is.
void SettledInput::find_place_in_begun() {
  if (hold_back_.count() > 0 || !held_back_.empty() || !begun_->in_order || lanes_.empty()) return;
  std::uint64_t place = kNever;
  for (const RecordId& id : oldest_ids_) {
    if (id.run != begun_->file) return;
    place = std::min(place, id.sequence & ~kUnendedLine);
  }
  if (place > begun_->begin) places_.push_back({begun_->file, place});
}

// The place of the oldest record within the stretch that is not done.
void SettledInput::find_place(const Group& group) {
  // What a filter held back has a number from behind its own stretch.
  if (hold_back_.count() > 0) return;
  if (group.diverted || group.stretches.size() != 1 || !group.stretches.front().in_order) return;
  const FileStretch& stretch = group.stretches.front();
  std::uint64_t place = stretch.end;
  for (std::size_t i = 0; i < oldest_.size(); ++i) {
    if (oldest_[i] >= group.until[i]) continue;
    if (oldest_ids_[i].run != stretch.file) return;
    place = std::min(place, oldest_ids_[i].sequence & ~kUnendedLine);
  }
  if (place > stretch.begin && place < stretch.end) places_.push_back({stretch.file, place});
}

}  // namespace ship
