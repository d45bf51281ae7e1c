#pragma once

namespace ship {

/// From now on the calling thread, when it wakes up, does not preempt whatever is running on a
/// core, such as the application: it waits for an idle core or for its turn (SCHED_BATCH,
/// sched(7)). Its share of a busy machine stays the same. Does nothing if the operator already set
/// a policy for the process, or if the system refuses.
void use_batch_scheduling();

}  // namespace ship
