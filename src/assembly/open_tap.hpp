#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "stage/pipeline.hpp"
#include "stats/admin/web_stream.hpp"
#include "tap/tap_hub.hpp"

namespace ship {

/// What `wanted` asks for, of a run with these sinks and stages; `hub` and `clock` outlive it.
/// Errors: config, transient; see Ship::open_tap.
Result<std::unique_ptr<WebStream>> open_tap(TapHub& hub, const TapRequest& wanted,
                                            const std::vector<std::string>& sinks,
                                            const FuturePlan& plan, Clock& clock);

}  // namespace ship
