#include "delivery/lane.hpp"
#include "delivery/settled_input.hpp"

namespace ship {

void Lane::set_settled_input(SettledInput* settled_input) {
  settled_input_ = settled_input;
  if (settled_input_) settled_input_->add(*this);
}

LaneStanding Lane::standing() const {
  const std::lock_guard lock(mutex_);
  return backlog_.standing();
}

void Lane::tell_settled() const {
  if (settled_input_) settled_input_->advance();
}

LaneSnapshot Lane::snapshot() const {
  LaneSnapshot snapshot;
  snapshot.name = name_;
  snapshot.stages = filter_chain_.counts();
  pipelines_.report(snapshot.stages);
  {
    const std::lock_guard lock(mutex_);
    snapshot.type = std::string(settings_.type());
    snapshot.has_spool = spool_ != nullptr;
    snapshot.spool_error = spool_error_.empty() ? backlog_.stall_text() : spool_error_;
    snapshot.lost = generations_.is_lost();
    snapshot.counts = ledger_.counts();
    snapshot.lost_while_failing = lost_while_failing_;
    backlog_.report(snapshot);
  }
  retry_.report(snapshot);
  return snapshot;
}

}  // namespace ship
