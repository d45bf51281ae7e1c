// How fast the spool takes records in and gives them back, by one thread, over the real disk: by
// the clock, and by the processor's time.
//   spool_bench DIRECTORY [LINES]
// DIRECTORY must be empty; what is stored there is removed.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "spool/spool.hpp"

namespace {

using namespace ship;

/// What the spooler takes for one append.
constexpr std::size_t kGroup = 4096;

std::string line_of(std::size_t size) {
  std::string line = R"({"level":"INFO","message":")";
  while (line.size() + 2 < size) line += static_cast<char>('a' + line.size() * 7 % 26);
  return line + "\"}";
}

/// Seconds that pass and seconds of this thread's processor: on a busy machine the second tells
/// more.
class Watch {
 public:
  double passed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  double busy() const { return processor() - processor_; }

 private:
  static double processor() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double processor_ = processor();
};

void fail(const std::string& what) {
  std::fprintf(stderr, "spool_bench: %s\n", what.c_str());
  std::exit(1);
}

void print(const char* what, std::size_t size, SpoolMode mode, std::uint64_t lines,
           const Watch& watch) {
  std::printf("%-8s %4zu B %-8s", what, size, mode == SpoolMode::durable ? "durable" : "overflow");
  for (const double seconds : {watch.passed(), watch.busy()}) {
    std::printf(" %8.0f lines/ms %6.0f MB/s", static_cast<double>(lines) / seconds / 1000,
                static_cast<double>(lines * size) / seconds / 1e6);
  }
  std::printf("\n");
}

void measure(const std::string& directory, std::size_t size, SpoolMode mode, std::uint64_t lines) {
  SpoolOptions options;
  options.directory = directory;
  options.max_bytes = 4ull << 30;
  options.mode = mode;
  auto opened = Spool::open(system_files(), options);
  if (!opened) fail(opened.error().message);
  Spool& spool = *opened.value().spool;
  const std::string line = line_of(size);
  std::vector<SpoolRecord> records(kGroup);
  std::uint64_t sequence = 0;
  const Watch appending;
  while (sequence < lines) {
    for (SpoolRecord& record : records) {
      record.record.line = line;
      // One in sixteen is protected, as errors are among the lines of a busy service.
      const bool error = sequence % 16 == 0;
      record.record.level = {error ? LevelName::error : LevelName::info,
                             static_cast<Severity>(error ? 40 : 20)};
      record.is_protected = error;
      record.sequence = ++sequence;
      record.record.id = {{1, 2}, sequence};
    }
    const SpoolAppend result = spool.append(records);
    if (result.events.error) fail(result.events.error->message);
    if (result.stored != records.size()) fail("not all is stored");
  }
  print("append", size, mode, sequence, appending);
  const Watch taking;
  std::uint64_t taken = 0;
  for (;;) {
    SpoolBatch batch;
    spool.take({1000, 4u << 20}, batch);
    if (batch.empty()) break;
    taken += batch.size();
    spool.release(batch);
  }
  if (taken != sequence) fail("not all comes back");
  print("take", size, mode, taken, taking);
  spool.close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) fail("name a directory");
  const std::uint64_t lines = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  for (const std::size_t size : {45u, 463u}) {
    for (const SpoolMode mode : {SpoolMode::overflow, SpoolMode::durable}) {
      measure(std::string(argv[1]) + "/spool", size, mode, lines);
    }
  }
}
