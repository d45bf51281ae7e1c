#pragma once

#include <string>

#include "stats/snapshot.hpp"

namespace ship {

/// The content type of `metrics_text`.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// The statistics in Prometheus's text format 0.0.4: fapilog's names where the library has them,
/// `fapilog_ship_…` for the rest. Labels come from the settings (names of sinks and stages) and
/// from fixed lists (reasons, levels, states), never from records, and every series exists from the
/// start, so that rates include the first event. `ready` is what /readyz reports.
std::string metrics_text(const StatsSnapshot& snapshot, bool ready);

}  // namespace ship
