// GCC's thread sanitizer does not know the threads and locks of C11, which librdkafka uses: it
// crashes in such a thread, and takes what one guards for a race. These stand in front of the C
// library's, and are made of those that it knows.
#ifdef __SANITIZE_THREAD__

#include <cerrno>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <threads.h>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* given) {
  const std::unique_ptr<Start> start(static_cast<Start*>(given));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

int result(int error) {
  return error == 0           ? thrd_success
         : error == ETIMEDOUT ? thrd_timedout
         : error == EBUSY     ? thrd_busy
                              : thrd_error;
}

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));
pthread_mutex_t* known(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* known(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, run, start.get());
  if (error == 0) static_cast<void>(start.release());
  return result(error);
}
int thrd_join(thrd_t thread, int* code) {
  void* returned = nullptr;
  const int error = pthread_join(thread, &returned);
  if (code != nullptr) *code = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return result(error);
}
int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(known(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return result(error);
}
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(known(mutex)); }
int mtx_lock(mtx_t* mutex) { return result(pthread_mutex_lock(known(mutex))); }
int mtx_trylock(mtx_t* mutex) { return result(pthread_mutex_trylock(known(mutex))); }
int mtx_unlock(mtx_t* mutex) { return result(pthread_mutex_unlock(known(mutex))); }

int cnd_init(cnd_t* condition) { return result(pthread_cond_init(known(condition), nullptr)); }
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(known(condition)); }
int cnd_signal(cnd_t* condition) { return result(pthread_cond_signal(known(condition))); }
int cnd_broadcast(cnd_t* condition) { return result(pthread_cond_broadcast(known(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return result(pthread_cond_wait(known(condition), known(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return result(pthread_cond_timedwait(known(condition), known(mutex), until));
}
}

#endif
