#pragma once

#include <vector>

#include "base/result.hpp"
#include "settings/sink_settings.hpp"

namespace ship {

/// Sinks lead to others, by `fallback` and by `anchor`, which must work for longer than they do.
/// Errors: config, where there is no sink of such a name, or where a way ends where it began.
Result<void> check_sink_ways(const std::vector<SinkSettings>& sinks);

}  // namespace ship
