#include "cli/progress_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/number_text.hpp"

namespace ship {
namespace {

constexpr std::size_t kLeastBar = 10;
constexpr std::size_t kMostBar = 40;

unsigned percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  return static_cast<unsigned>(
      std::min(100.0, static_cast<double>(part) * 100.0 / static_cast<double>(whole)));
}

std::string time_text(std::chrono::seconds left) {
  const auto seconds = static_cast<long long>(left.count());
  char text[40];
  if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld", seconds / 60, seconds % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
                  seconds % 60);
  }
  return text;
}

/// A part of the line; the lowest rank stays longest.
struct Part {
  int rank;
  std::string text;
};

std::string bar(unsigned done, std::size_t width) {
  const std::size_t inside = width - 2;
  const std::size_t filled = inside * done / 100;
  std::string text = "[" + std::string(filled, '=') + std::string(inside - filled, ' ') + "]";
  if (filled < inside) text[1 + filled] = '>';
  return text;
}

}  // namespace

ProgressFacts progress_facts(const InputProgress& input, const StatsSnapshot& snapshot) {
  ProgressFacts facts;
  facts.input = input;
  facts.lines = snapshot.input.lines;
  // Nothing else is known about input that is not a file.
  if (input.size == 0) facts.input.bytes = snapshot.input.bytes;
  for (const LaneSnapshot& sink : snapshot.sinks) {
    facts.queue_percent = std::max({facts.queue_percent, percent(sink.queue_depth, sink.queue_size),
                                    percent(sink.queue_bytes, sink.queue_max_bytes)});
    facts.pending += sink.counts.pending;
    facts.dropped += sink.counts.dropped_total();
  }
  return facts;
}

std::string progress_text(const ProgressFacts& facts, unsigned columns) {
  const InputProgress& input = facts.input;
  const bool known = input.size > 0;
  const unsigned done = input.ended ? 100 : percent(input.bytes, input.size);
  char share[8];
  std::snprintf(share, sizeof share, "%3u%%", done);

  std::array<Part, 8> parts = {
      {{0, known || input.ended ? share : ""},
       {6, known ? bytes_text(input.bytes) + " of " + bytes_text(input.size)
                 : bytes_text(input.bytes)},
       {5, counted(facts.lines, "line")},
       {3, bytes_text(facts.bytes_per_second) + "/s"},
       {1, facts.left ? time_text(*facts.left) + " left" : ""},
       {4, "queue " + std::to_string(facts.queue_percent) + "%"},
       {2, grouped(facts.dropped) + " dropped"},
       {7, ""}}};
  if (input.files > 1) {
    parts[7].text = "file " + std::to_string(input.file) + " of " + std::to_string(input.files);
  }
  if (input.ended) {
    parts[3].text.clear();
    parts[4].text = "delivering the last " + grouped(facts.pending);
    parts[7].text.clear();
  }
  const auto size = [&parts] {
    std::size_t sum = 0;
    for (const Part& part : parts) sum += part.text.empty() ? 0 : part.text.size() + 2;
    return sum == 0 ? 0 : sum - 2;
  };
  for (int rank = static_cast<int>(parts.size()) - 1; rank > 0 && size() > columns; --rank) {
    for (Part& part : parts) {
      if (part.rank == rank) part.text.clear();
    }
  }
  const std::size_t left = columns > size() + 2 ? columns - size() - 2 : 0;
  std::string line;
  for (const Part& part : parts) {
    if (part.text.empty()) continue;
    if (!line.empty()) line += "  ";
    line += part.text;
    if (part.rank == 0 && left >= kLeastBar) {
      line += " " + bar(done, std::min(left, kMostBar));
    }
  }
  return line.substr(0, columns);
}

void RateMeter::add(Time now, std::uint64_t bytes) {
  constexpr double kSeconds = 5;
  if (last_ && now > *last_ && bytes >= last_bytes_) {
    const double passed = std::chrono::duration<double>(now - *last_).count();
    const double measured = static_cast<double>(bytes - last_bytes_) / passed;
    const double weight = known_ ? 1 - std::exp(-passed / kSeconds) : 1;
    rate_ += weight * (measured - rate_);
    known_ = true;
  }
  last_ = now;
  last_bytes_ = bytes;
}

}  // namespace ship
