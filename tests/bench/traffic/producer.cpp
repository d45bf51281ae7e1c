#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "histogram.hpp"
#include "tests/steady_output.hpp"

// An application that logs for as long as one likes: JSON lines to standard output at a steady
// rate. Each write(2) is measured; each line carries its number (`seq`) and when it was written
// (`sent`, CLOCK_MONOTONIC in ns), both as digits of a fixed width.
//
//   bench_producer [--lines N] [--rate R] [--sizes BYTES,…] [--levels INFO,…] [--burst LINES]
//                  [--limit SECONDS]
//
// Sizes and levels take turns. `--rate 0` is as fast as the pipe takes it. A process that was
// stopped for a second or more does not catch up with what it missed. A write that blocks past
// `--limit` is given up: the report on standard error then says `"blocked":true`.

namespace {

constexpr std::size_t kDigits = 19;

struct Options {
  std::uint64_t lines = 1000;
  double rate = 1000;
  std::vector<std::string> sizes = {"400"};
  std::vector<std::string> levels = {"INFO"};
  std::uint64_t burst = 1;
  unsigned limit_seconds = 0;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--lines") {
      options.lines = std::strtoull(value, nullptr, 10);
    } else if (name == "--rate") {
      options.rate = std::strtod(value, nullptr);
    } else if (name == "--sizes") {
      options.sizes = steady_output::split(value);
    } else if (name == "--levels") {
      options.levels = steady_output::split(value);
    } else if (name == "--burst") {
      options.burst = std::strtoull(value, nullptr, 10);
    } else if (name == "--limit") {
      options.limit_seconds = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    } else {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      std::exit(64);
    }
  }
  return options;
}

/// A line with room for its two numbers.
struct Line {
  std::string text;
  std::size_t seq_at;
  std::size_t sent_at;
};

Line compose(const std::string& level, std::size_t size) {
  Line line;
  line.text = R"({"level":")" + level + R"(","seq":")";
  line.seq_at = line.text.size();
  line.text += std::string(kDigits, '0') + R"(","sent":")";
  line.sent_at = line.text.size();
  line.text += std::string(kDigits, '0') + R"(","message":")";
  constexpr std::string_view kWords = "order accepted after check of stock and payment ";
  while (line.text.size() + 3 < size) line.text += kWords[line.text.size() % kWords.size()];
  line.text += "\"}\n";
  return line;
}

void put(std::string& text, std::size_t at, std::uint64_t number) {
  for (std::size_t i = kDigits; i-- > 0; number /= 10) {
    text[at + i] = static_cast<char>('0' + number % 10);
  }
}

std::uint64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1000000000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

void sleep_until(std::uint64_t at_ns) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(at_ns / 1000000000);
  time.tv_nsec = static_cast<long>(at_ns % 1000000000);
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  steady_output::prepare(options.limit_seconds);

  std::vector<Line> turns;
  for (const std::string& size : options.sizes) {
    for (const std::string& level : options.levels) {
      turns.push_back(compose(level, std::strtoull(size.c_str(), nullptr, 10)));
    }
  }
  bench::Histogram writes;
  std::string block;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t missed_ns = 0;
  int error = 0;
  const std::uint64_t begin = now_ns();
  std::uint64_t start = begin;
  constexpr std::uint64_t kSecond = 1000000000;
  while (lines < options.lines && error == 0) {
    std::uint64_t now = now_ns();
    if (options.rate > 0) {
      const auto due =
          start + static_cast<std::uint64_t>(1e9 * static_cast<double>(lines) / options.rate);
      // Sleeps are a millisecond at least: an application logs in small bursts, and a spinning wait
      // would take the processor from the program under test.
      if (due > now + 1000000) {
        sleep_until(due);
        now = now_ns();
      } else if (now > due + kSecond) {
        start += now - due;
        missed_ns += now - due;
      }
    }
    block.clear();
    const std::uint64_t count = std::min(options.burst, options.lines - lines);
    for (std::uint64_t i = 0; i < count; ++i) {
      Line& line = turns[(lines + i) % turns.size()];
      put(line.text, line.seq_at, lines + i);
      put(line.text, line.sent_at, now);
      block += line.text;
    }
    const std::uint64_t before = now_ns();
    if (!steady_output::write_all(block)) {
      error = errno;
      break;
    }
    writes.add(now_ns() - before);
    lines += count;
    bytes += block.size();
  }
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  std::fprintf(stderr,
               "{\"lines\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"missed_seconds\":%.3f,"
               "\"blocked\":%s,\"errno\":%d,%s}\n",
               static_cast<unsigned long long>(lines), static_cast<unsigned long long>(bytes),
               seconds, static_cast<double>(missed_ns) / 1e9, error == EINTR ? "true" : "false",
               error, writes.json().c_str());
  return error == 0 ? 0 : 1;
}
