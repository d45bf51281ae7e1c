#include "base/scheduling.hpp"

#include <pthread.h>
#include <sched.h>

namespace ship {

void use_batch_scheduling() {
  int policy = 0;
  sched_param parameters{};
  if (pthread_getschedparam(pthread_self(), &policy, &parameters) != 0) return;
  if (policy == SCHED_OTHER) pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameters);
}

}  // namespace ship
