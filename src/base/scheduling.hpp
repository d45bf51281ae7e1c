#pragma once

namespace ship {

/// From now on the calling thread, when it has something to do, takes no core away from who is
/// running on it, be that the application: it waits for an idle core, or for its turn (SCHED_BATCH,
/// sched(7)). Its share of a busy machine stays the same. Does nothing where the operator gave the
/// process a policy of his own, or where the system refuses.
void use_batch_scheduling();

}  // namespace ship
