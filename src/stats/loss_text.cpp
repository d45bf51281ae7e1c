#include "stats/loss_text.hpp"

#include <array>

#include "base/number_text.hpp"

namespace ship {
namespace {

/// Why lines were lost, in words; `ending_text` has the statistics' names.
std::string_view reason_text(std::size_t reason) {
  static constexpr std::array<std::string_view, kDropReasons> kTexts = {
      "queue full",      "pushed out by others",  "refused for good",
      "too old",         "not sent in time",      "with the id of another line",
      "damaged on disk", "could not be redacted", "too long"};
  return kTexts[reason];
}

}  // namespace

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

}  // namespace ship
