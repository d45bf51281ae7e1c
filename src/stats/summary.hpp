#pragma once

#include <string>

#include "stats/snapshot.hpp"

namespace ship {

/// The statistics as one line of JSON with a newline: what SIGUSR1 prints under `stats.format =
/// "json"`, and what GET /stats serves. Names and meanings are part of the public contract.
std::string summary_json(const StatsSnapshot& snapshot);

/// The statistics as a table for people: one row for each sink, what went wrong there below it, and
/// a line of advice if records were dropped. At most 120 columns with ordinary names. Ends with a
/// newline.
std::string summary_text(const StatsSnapshot& snapshot);

}  // namespace ship
