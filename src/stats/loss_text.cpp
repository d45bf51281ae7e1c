#include "stats/loss_text.hpp"

#include <array>

#include "base/number_text.hpp"
#include "net/no_answer.hpp"

namespace ship {
namespace {

std::uint64_t dropped_by(const LaneSnapshot& sink, Ending reason) {
  return sink.counts.dropped[static_cast<std::size_t>(reason)];
}

/// Whether these are all lines that the sink was to get.
bool is_all(const LaneSnapshot& sink, std::uint64_t lines) {
  return lines > 0 && lines == sink.counts.submitted - sink.counts.filtered;
}

/// Why lines were lost, in words; `ending_text` has the statistics' names.
std::string_view reason_text(std::size_t reason) {
  static constexpr std::array<std::string_view, kDropReasons> kTexts = {
      "queue full",      "pushed out by others",  "refused for good",
      "too old",         "not sent in time",      "with the id of another line",
      "damaged on disk", "could not be redacted", "too long"};
  return kTexts[reason];
}

}  // namespace

std::string lines_text(std::uint64_t n) { return counted(n, "line"); }

std::string loss_text(const LaneSnapshot& sink, const char* between) {
  const std::uint64_t lost = sink.counts.dropped_total();
  const std::uint64_t worse = sink.counts.protected_records.dropped;
  std::string reasons;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    if (sink.counts.dropped[i] == 0) continue;
    reasons += reasons.empty() ? "" : ", ";
    if (sink.counts.dropped[i] < lost) reasons += grouped(sink.counts.dropped[i]) + " ";
    reasons += reason_text(i);
  }
  return grouped(lost) + between +
         (worse == 0 ? std::string() : ", " + grouped(worse) + " of them protected") + " (" +
         reasons + ")";
}

std::string reason_of(const LaneSnapshot& sink) {
  if (sink.last_error.empty()) return "no reason given";
  return sink.last_error.substr(0, kMaxReason);
}

bool refused_all(const LaneSnapshot& sink) {
  return !sink.lost && is_all(sink, dropped_by(sink, Ending::rejected));
}

std::string lost_at_exit_text(const LaneSnapshot& sink) {
  const bool one = sink.counts.dropped_total() == 1;
  if (refused_all(sink)) {
    return std::string("on exit: ") + (one ? "" : "all ") +
           loss_text(sink, one ? " line, the only one, was refused by the server and lost"
                               : " lines were refused by the server and lost");
  }
  std::string text = "on exit: " + loss_text(sink, one ? " line was lost" : " lines were lost");
  const bool undecided = dropped_by(sink, Ending::shutdown) + dropped_by(sink, Ending::expired) > 0;
  if (undecided && sink.last_error.find(kNoAnswer) != std::string::npos) {
    text += std::string("; the server may have stored ") + (one ? "it" : "some of them");
  }
  return text;
}

std::string refused_text(const LaneSnapshot& sink, bool at_exit) {
  const std::uint64_t refused = sink.counts.dead_lettered;
  const bool all = at_exit && refused > 1 && is_all(sink, refused);
  std::string text = (all ? "all " : "") + lines_text(refused) + (refused == 1 ? " was" : " were") +
                     " refused for good and kept as dead letters";
  if (!sink.last_error.empty()) text += "; last error: " + reason_of(sink);
  return text;
}

}  // namespace ship
