#include "delivery/spooler.hpp"

#include "base/scheduling.hpp"

namespace ship {

void Spooler::start() {
  thread_.run([this] { run(); });
}

void Spooler::join() { thread_.join(); }

void Spooler::run() {
  use_batch_scheduling();
  Spool& spool = *lane_.spool();
  Pipeline* const pipeline = lane_.pipelines().lend();
  while (lane_.take_for_spool(group_)) {
    records_.clear();
    for (Batch& batch : group_) {
      if (pipeline) lane_.leave_out(batch, transform(batch, *pipeline));
      const auto records = batch.records(0, batch.size());
      for (std::size_t i = 0; i < records.size(); ++i) {
        records_.push_back({records[i], batch.sequence(i), batch.is_protected(i)});
      }
    }
    lane_.spooled(group_, spool.append(records_));
    lane_.tell_settled();
  }
  // A worker that hangs may still come back to the spool, so it stays open then, as after a crash.
  if (lane_.workers_ended()) lane_.note(spool.close());
  lane_.spooler_ended();
}

}  // namespace ship
