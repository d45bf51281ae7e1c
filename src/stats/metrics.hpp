#pragma once

#include <string>

#include "stats/snapshot.hpp"

namespace ship {

/// The content type of `metrics_text`.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// The statistics in Prometheus' text format 0.0.4: fapilog's names where the library has them,
/// `fapilog_ship_…` beside. Labels come from the settings (names of sinks and stages) and from
/// fixed lists (reasons, levels, states), never from records, and every series is there from the
/// start, so that rates see the first event, too. `ready` is what /readyz says.
std::string metrics_text(const StatsSnapshot& snapshot, bool ready);

}  // namespace ship
