#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/uio.h>
#include <time.h>
#include <tuple>
#include <unistd.h>

// Watches the mutexes of the program that it is preloaded into. For each place that locks one: how
// often, for how long (CPU time of the thread, so that being pre-empted does not count), and the
// most that was done under one hold: bytes copied by memcpy, allocations, calls that read, write or
// sync. At the exit a line for each place goes into the file that HOLDS_REPORT names:
// holds p99.9_ns longest_ns bytes allocations io object+address..., who called whom, the lock
// first.

extern "C" {
void* __libc_malloc(std::size_t size);
}

namespace {

/// Who called whom, as far as it takes to get out of the standard library's own functions.
using Path = std::array<void*, 7>;

struct Place {
  static constexpr std::size_t kBuckets = 8 * 40;  // eight for each doubling, from 1 ns
  std::atomic<std::uint64_t> key;                  ///< of the path; 0: unused
  Path path;
  std::atomic<std::uint64_t> holds, longest_ns, bytes, allocations, io;
  std::array<std::atomic<std::uint32_t>, kBuckets> times;
};
std::array<Place, 512> places;

struct Hold {
  pthread_mutex_t* mutex;
  Place* place;
  std::uint64_t since_ns, bytes, allocations, io;
};

/// Of this thread. Sums are as of now; a hold keeps those of its beginning.
struct Thread {
  std::array<Hold, 16> holds;
  std::size_t depth;
  std::uint64_t bytes, allocations, io;
  bool looking;
};
[[gnu::tls_model("initial-exec")]] thread_local Thread thread;

template <class Function>
Function next(const char* name, Function) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::uint64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void raise(std::atomic<std::uint64_t>& most, std::uint64_t value) {
  std::uint64_t before = most.load(std::memory_order_relaxed);
  while (before < value && !most.compare_exchange_weak(before, value)) {
  }
}

std::size_t bucket_of(std::uint64_t ns) {
  const std::uint64_t value = std::max<std::uint64_t>(ns, 8);
  const auto doublings = static_cast<std::size_t>(std::bit_width(value)) - 4;
  return std::min(doublings * 8 + static_cast<std::size_t>((value >> doublings) & 7),
                  Place::kBuckets - 1);
}

std::uint64_t end_of(std::size_t bucket) { return (9 + bucket % 8) << (bucket / 8); }

/// Of who called the function that this is called by.
[[gnu::noinline]] Place* place_here() {
  if (thread.depth == thread.holds.size() || thread.looking) return nullptr;
  thread.looking = true;
  constexpr int kOwn = 2;
  std::array<void*, kOwn + std::tuple_size_v<Path>> frames{};
  ::backtrace(frames.data(), static_cast<int>(frames.size()));
  thread.looking = false;
  std::uint64_t key = 1;
  for (std::size_t i = kOwn; i < frames.size(); ++i) {
    key = (key ^ reinterpret_cast<std::uintptr_t>(frames[i])) * 0x9e3779b97f4a7c15;
  }
  std::size_t at = (key >> 32) % places.size();
  for (std::size_t tries = 0; tries < places.size(); ++tries, at = (at + 1) % places.size()) {
    std::uint64_t found = 0;
    if (places[at].key.compare_exchange_strong(found, key)) {
      std::copy(frames.begin() + kOwn, frames.end(), places[at].path.begin());
      return &places[at];
    }
    if (found == key) return &places[at];
  }
  return nullptr;
}

void begin(pthread_mutex_t* mutex, Place* place) {
  if (place == nullptr || thread.depth == thread.holds.size()) return;
  thread.holds[thread.depth++] = {mutex, place, 0, thread.bytes, thread.allocations, thread.io};
  thread.holds[thread.depth - 1].since_ns = cpu_ns();
}

/// The place that had locked it; null where it was not seen.
Place* end(pthread_mutex_t* mutex) {
  const std::uint64_t now = cpu_ns();
  for (std::size_t i = thread.depth; i-- > 0;) {
    const Hold hold = thread.holds[i];
    if (hold.mutex != mutex) continue;
    std::move(thread.holds.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              thread.holds.begin() + static_cast<std::ptrdiff_t>(thread.depth),
              thread.holds.begin() + static_cast<std::ptrdiff_t>(i));
    --thread.depth;
    Place& place = *hold.place;
    ++place.holds;
    ++place.times[bucket_of(now - hold.since_ns)];
    raise(place.longest_ns, now - hold.since_ns);
    raise(place.bytes, thread.bytes - hold.bytes);
    raise(place.allocations, thread.allocations - hold.allocations);
    raise(place.io, thread.io - hold.io);
    return &place;
  }
  return nullptr;
}

struct Report {
  Report() {
    // The first call loads what it needs.
    void* frame = nullptr;
    ::backtrace(&frame, 1);
  }
  ~Report() {
    const char* path = std::getenv("HOLDS_REPORT");
    std::FILE* file = path == nullptr ? nullptr : std::fopen(path, "we");
    if (file == nullptr) return;
    for (const Place& place : places) {
      if (place.holds > 0) write(file, place);
    }
    std::fclose(file);
  }

  static void write(std::FILE* file, const Place& place) {
    std::uint64_t left = place.holds / 1000;
    std::size_t bucket = Place::kBuckets - 1;
    while (bucket > 0 && left >= place.times[bucket]) left -= place.times[bucket--];
    for (const std::uint64_t number :
         {place.holds.load(), std::min(end_of(bucket), place.longest_ns.load()),
          place.longest_ns.load(), place.bytes.load(), place.allocations.load(), place.io.load()}) {
      std::fprintf(file, "%llu ", static_cast<unsigned long long>(number));
    }
    for (void* address : place.path) {
      Dl_info object{};
      if (address == nullptr || ::dladdr(address, &object) == 0) break;
      const auto offset = static_cast<const char*>(address) - static_cast<char*>(object.dli_fbase);
      std::fprintf(file, " %s+%td", object.dli_fname, offset);
    }
    std::fputc('\n', file);
  }
} report;

}  // namespace

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static const auto real = next("pthread_mutex_lock", &pthread_mutex_lock);
  const int result = real(mutex);
  if (result == 0) begin(mutex, place_here());
  return result;
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  static const auto real = next("pthread_mutex_trylock", &pthread_mutex_trylock);
  const int result = real(mutex);
  if (result == 0) begin(mutex, place_here());
  return result;
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) noexcept {
  static const auto real = next("pthread_mutex_unlock", &pthread_mutex_unlock);
  end(mutex);
  return real(mutex);
}

// Who waits lets go of the mutex, and holds it anew afterwards.

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  static const auto real = next("pthread_cond_wait", &pthread_cond_wait);
  Place* place = end(mutex);
  const int result = real(condition, mutex);
  begin(mutex, place);
  return result;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  static const auto real = next("pthread_cond_timedwait", &pthread_cond_timedwait);
  Place* place = end(mutex);
  const int result = real(condition, mutex, until);
  begin(mutex, place);
  return result;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  static const auto real = next("pthread_cond_clockwait", &pthread_cond_clockwait);
  Place* place = end(mutex);
  const int result = real(condition, mutex, clock, until);
  begin(mutex, place);
  return result;
}

void* malloc(std::size_t size) noexcept {
  ++thread.allocations;
  return __libc_malloc(size);
}

void* memcpy(void* to, const void* from, std::size_t size) noexcept {
  thread.bytes += size;
  return std::memmove(to, from, size);
}

ssize_t read(int fd, void* bytes, std::size_t size) {
  static const auto real = next("read", &read);
  ++thread.io;
  return real(fd, bytes, size);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto real = next("write", &write);
  ++thread.io;
  return real(fd, bytes, size);
}

ssize_t writev(int fd, const iovec* pieces, int count) {
  static const auto real = next("writev", &writev);
  ++thread.io;
  return real(fd, pieces, count);
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  static const auto real = next("pwrite", &pwrite);
  ++thread.io;
  return real(fd, bytes, size, offset);
}

int fsync(int fd) {
  static const auto real = next("fsync", &fsync);
  ++thread.io;
  return real(fd);
}

int fdatasync(int fd) {
  static const auto real = next("fdatasync", &fdatasync);
  ++thread.io;
  return real(fd);
}

}  // extern "C"
