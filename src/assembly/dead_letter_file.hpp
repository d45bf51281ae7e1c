#pragma once

#include <memory>

#include "base/result.hpp"
#include "delivery/dead_letters.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"
#include "stage/pipeline.hpp"

namespace ship {

/// Opens the file of the dead letters, and makes the directory that `keep` names; null where there
/// are to be none. What they show is redacted by `pipeline`, if it is valid. Errors: config, io.
Result<std::unique_ptr<DeadLetters>> open_dead_letters(const Settings& settings,
                                                       const SinkEnvironment& environment,
                                                       const FuturePlan& pipeline);

}  // namespace ship
