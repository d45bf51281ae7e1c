#pragma once

#include <vector>

#include "base/result.hpp"
#include "settings/sink_settings.hpp"

namespace ship {

/// Checks where sinks lead to others, by `fallback` and by `anchor`; the others must keep working
/// longer. Errors: config, if there is no sink of that name, or if a path leads back to its start.
Result<void> check_sink_ways(const std::vector<SinkSettings>& sinks);

}  // namespace ship
