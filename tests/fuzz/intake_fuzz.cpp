// Whatever bytes come, in whatever pieces: the records are the same, each is one JSON object on one
// line, and the books are right. The first byte chooses the settings; tracebacks, fapilog's pretty
// lines and cut lines come this way.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "input/intake.hpp"

namespace {

class FixedClock final : public ship::Clock {
 public:
  ship::SteadyTime steady() const override { return {}; }
  ship::WallNanos wall() const override { return 1795338549'000'000'000; }
  void wait_until(std::condition_variable&, std::unique_lock<std::mutex>&,
                  ship::SteadyTime) override {}
};

// Ids are made at random.
std::string without_id(std::string_view line) {
  std::string text(line);
  constexpr std::string_view kBefore = "\"message_id\":\"";
  const std::size_t at = text.find(kBefore);
  if (at != std::string::npos && at + kBefore.size() + 36 <= text.size()) {
    text.replace(at + kBefore.size(), 36, 36, 'x');
  }
  return text;
}

bool is_object(std::string_view line) {
  static ship::Probe probe;
  std::string block(line);
  block += '\n';
  const std::size_t size = block.size();
  block.resize(size + ship::Probe::kPadding);
  probe.begin(std::string_view(block).substr(0, size));
  return probe.next(std::string_view(block).substr(0, size - 1)).fault == ship::Fault::none;
}

std::vector<std::string> records_of(const ship::Intake::Options& options, std::string_view bytes,
                                    std::size_t piece) {
  FixedClock clock;
  std::vector<std::string> lines;
  ship::Intake intake(
      options,
      [&](std::span<const ship::Record> records) {
        for (const ship::Record& record : records) {
          if (record.line.find('\n') != std::string_view::npos) std::abort();
          if (!is_object(record.line)) std::abort();
          lines.push_back(without_id(record.line));
        }
      },
      {}, clock);
  intake.feed(bytes, piece);
  intake.end_input();
  const ship::InputCounts counts = intake.counts();
  if (!counts.balanced() || counts.submitted != lines.size()) std::abort();
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ship::Intake::Options options;
  if ((data[0] & 1) != 0) options.input.format = ship::InputFormat::text;
  if ((data[0] & 2) != 0) options.input.multiline = false;
  if ((data[0] & 4) != 0) options.input.max_line_bytes = 1024;
  if ((data[0] & 8) != 0) options.stream = ship::Stream::standard_error;
  if ((data[0] & 16) != 0) options.keep_colors = true;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = records_of(options, bytes, SIZE_MAX);
  if (whole != records_of(options, bytes, 1u + data[0] % 61u)) std::abort();
  return 0;
}
