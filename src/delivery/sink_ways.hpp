#pragma once

#include <vector>

#include "base/result.hpp"
#include "settings/sink_settings.hpp"

namespace ship {

/// Sinks lead to others, by `fallback` and by `anchor`, and the others must keep working for
/// longer. Errors: config, if there is no sink of that name, or if a path leads back to its start.
Result<void> check_sink_ways(const std::vector<SinkSettings>& sinks);

}  // namespace ship
