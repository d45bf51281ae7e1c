#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/steady_output.hpp"

// An application that logs: writes JSON lines to standard output at a steady rate, one write(2) for
// each, and measures every one of these calls. It reports on standard error as one JSON object.
//
//   fault_producer --lines N --rate R [--size BYTES] [--levels INFO,ERROR,…] [--limit SECONDS]
//                  [--first N]
//
// Lines are numbered from 0, or `--first`, in `data.seq`, so that a test can see which arrived and
// in what order. A write that blocks past the limit is given up: the report then says
// `"blocked":true`.

namespace {

using Steady = std::chrono::steady_clock;

struct Options {
  std::uint64_t lines = 1000;
  std::uint64_t first = 0;
  double rate = 1000;
  std::size_t size = 400;
  unsigned limit_seconds = 120;
  std::vector<std::string> levels = {"INFO"};
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--lines") {
      options.lines = std::strtoull(value, nullptr, 10);
    } else if (name == "--first") {
      options.first = std::strtoull(value, nullptr, 10);
    } else if (name == "--rate") {
      options.rate = std::strtod(value, nullptr);
    } else if (name == "--size") {
      options.size = std::strtoull(value, nullptr, 10);
    } else if (name == "--limit") {
      options.limit_seconds = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    } else if (name == "--levels") {
      options.levels = steady_output::split(value);
    } else {
      std::fprintf(stderr, "unknown option %s\n", argv[i]);
      std::exit(64);
    }
  }
  return options;
}

/// The line with number `seq`, newline included, as fapilog writes it; padded to about `size`
/// bytes.
void compose(std::string& line, std::uint64_t seq, const std::string& level, std::size_t size) {
  line = R"({"log":{"context":{"correlation_id":null,"message_id":"00000000-0000-4000-8000-)";
  char digits[32];
  std::snprintf(digits, sizeof digits, "%012llu", static_cast<unsigned long long>(seq));
  line += digits;
  line += R"("},"data":{"seq":)" + std::to_string(seq) +
          R"(},"diagnostics":{"origin":"native"},"level":")";
  line += level;
  line += R"(","logger":"producer","message":"line )" + std::to_string(seq) + ' ';
  constexpr std::string_view kTail =
      R"(","timestamp":"2026-11-22T09:09:09.624Z"},"schema_version":"1.1"})";
  if (line.size() + kTail.size() + 1 < size)
    line.append(size - line.size() - kTail.size() - 1, 'x');
  line += kTail;
  line += '\n';
}

double quantile_us(const std::vector<std::uint32_t>& sorted_ns, double q) {
  if (sorted_ns.empty()) return 0;
  const auto last = sorted_ns.size() - 1;
  return sorted_ns[std::min(last, static_cast<std::size_t>(q * static_cast<double>(last) + 0.5))] /
         1000.0;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  steady_output::prepare(options.limit_seconds);

  std::vector<std::uint32_t> latencies_ns;
  latencies_ns.reserve(options.lines);
  std::string line;
  std::uint64_t bytes = 0;
  int error = 0;
  const auto start = Steady::now();
  for (std::uint64_t seq = 0; seq < options.lines; ++seq) {
    compose(line, options.first + seq, options.levels[seq % options.levels.size()], options.size);
    const auto due = start + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                 1e9 * static_cast<double>(seq) / options.rate));
    // Sleeps are a millisecond at least: an application logs in small bursts, and a spinning wait
    // would take the processor from the program under test.
    if (due - Steady::now() > std::chrono::milliseconds(1)) std::this_thread::sleep_until(due);
    const auto before = Steady::now();
    const bool written = steady_output::write_all(line);
    const auto took =
        std::chrono::duration_cast<std::chrono::nanoseconds>(Steady::now() - before).count();
    if (!written) {
      error = errno;
      break;
    }
    latencies_ns.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took, UINT32_MAX)));
    bytes += line.size();
  }
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  std::sort(latencies_ns.begin(), latencies_ns.end());
  std::fprintf(stderr,
               "{\"lines\":%zu,\"bytes\":%llu,\"seconds\":%.3f,\"blocked\":%s,\"errno\":%d,"
               "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f}\n",
               latencies_ns.size(), static_cast<unsigned long long>(bytes), seconds,
               error == EINTR ? "true" : "false", error, quantile_us(latencies_ns, 0.5),
               quantile_us(latencies_ns, 0.99), quantile_us(latencies_ns, 0.999),
               quantile_us(latencies_ns, 1.0));
  return error == 0 ? 0 : 1;
}
