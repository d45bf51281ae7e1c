#include "base/scheduling.hpp"

#include <pthread.h>
#include <sched.h>
#include <thread>

#include "tests/catch.hpp"

namespace ship {
namespace {

int policy_of_this_thread() {
  int policy = -1;
  sched_param parameters{};
  pthread_getschedparam(pthread_self(), &policy, &parameters);
  return policy;
}

TEST_CASE("scheduling: a thread that gives way preempts nobody, the others go on as before",
          "[scheduling]") {
  const int before = policy_of_this_thread();
  std::thread([before] {
    use_batch_scheduling();
    CHECK(policy_of_this_thread() == (before == SCHED_OTHER ? SCHED_BATCH : before));
  }).join();
  CHECK(policy_of_this_thread() == before);
}

TEST_CASE("scheduling: a policy that somebody chose stays", "[scheduling]") {
  std::thread([] {
    const sched_param none{};
    REQUIRE(pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) == 0);
    use_batch_scheduling();
    CHECK(policy_of_this_thread() == SCHED_IDLE);
  }).join();
}

}  // namespace
}  // namespace ship
