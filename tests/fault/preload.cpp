#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

// Makes the disk fail and the wall clock jump for the program that this library is preloaded into,
// at the command of a test that writes into a file both have mapped:
//
//   FAULT_CONTROL=FILE   48 bytes, see Control; a missing file is no fault at all
//   FAULT_PREFIX=PATH    only what lies below this path fails
//
// The monotonic clock never jumps, as it does not on a real machine.

namespace {

struct Control {
  std::atomic<std::int64_t> clock_offset_ns;
  std::atomic<std::int32_t> error;     ///< errno of what fails; 0: nothing fails
  std::atomic<std::uint32_t> calls;    ///< which calls fail, see Call
  std::atomic<std::int32_t> delay_ms;  ///< what each of these calls takes longer
  std::atomic<std::uint32_t> one_in;   ///< of so many calls one fails; 0 and 1: every one
  std::atomic<std::uint64_t> failed;   ///< how many failed so far, for the test to see
};
static_assert(sizeof(Control) <= 48);

enum Call : std::uint32_t { kWrite = 1, kSync = 2, kRead = 4, kOpen = 8, kTruncate = 16 };

Control* control() {
  static Control* const mapped = []() -> Control* {
    const char* path = std::getenv("FAULT_CONTROL");
    if (path == nullptr) return nullptr;
    const int fd = ::openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return nullptr;
    void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<Control*>(at);
  }();
  return mapped;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool below_prefix(std::string_view path) {
  static const char* const prefix = std::getenv("FAULT_PREFIX");
  return prefix != nullptr && path.substr(0, std::strlen(prefix)) == prefix;
}

bool below_prefix(int fd) {
  char link[32] = "/proc/self/fd/";
  char digits[12];
  int n = 0;
  for (int rest = fd; rest > 0 || n == 0; rest /= 10) {
    digits[n++] = static_cast<char>('0' + rest % 10);
  }
  std::reverse_copy(digits, digits + n, link + 14);
  char path[4096];
  const ssize_t size = ::readlink(link, path, sizeof path);
  return size > 0 && below_prefix(std::string_view(path, static_cast<std::size_t>(size)));
}

/// True: the call is to fail, and errno says how. Waits first where calls are to be slow.
template <class Where>
bool fails(Call call, Where where) {
  Control* now = control();
  if (now == nullptr || (now->calls.load() & call) == 0) return false;
  const int error = now->error.load();
  const int delay = now->delay_ms.load();
  if ((error == 0 && delay == 0) || !below_prefix(where)) return false;
  for (int waited = 0; waited < now->delay_ms.load(); waited += 10) ::usleep(10000);
  static std::atomic<std::uint32_t> count;
  if (error == 0 || (now->one_in.load() > 1 && count++ % now->one_in.load() != 0)) return false;
  ++now->failed;
  errno = error;
  return true;
}

void jump(timespec* time) {
  const std::int64_t offset = control() == nullptr ? 0 : control()->clock_offset_ns.load();
  const std::int64_t all = std::int64_t{time->tv_sec} * 1000000000 + time->tv_nsec + offset;
  time->tv_sec = static_cast<time_t>(all / 1000000000);
  time->tv_nsec = static_cast<long>(all % 1000000000);
}

int real_clock_gettime(clockid_t clock, timespec* time) {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  return real(clock, time);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  const int result = real_clock_gettime(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) jump(time);
  return result;
}

time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(timeval* out, void*) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

ssize_t write(int fd, const void* data, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return fails(kWrite, fd) ? -1 : real(fd, data, size);
}

ssize_t writev(int fd, const iovec* data, int count) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  return fails(kWrite, fd) ? -1 : real(fd, data, count);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails(kWrite, fd) ? -1 : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off_t at) {
  return pwrite(fd, data, size, at);
}

ssize_t pread(int fd, void* data, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return fails(kRead, fd) ? -1 : real(fd, data, size, at);
}

ssize_t pread64(int fd, void* data, size_t size, off_t at) { return pread(fd, data, size, at); }

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails(kSync, fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return fails(kSync, fd) ? -1 : real(fd);
}

int ftruncate(int fd, off_t size) {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return fails(kTruncate, fd) ? -1 : real(fd, size);
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return fails(kOpen, std::string_view(path)) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return open(path, flags | O_LARGEFILE, mode);
}

}  // extern "C"
