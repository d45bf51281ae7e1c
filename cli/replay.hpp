#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Turns settings for shipping into settings for `replay PATH...`. A file holds dead letters: each
/// goes again to the sink that it names, and what fails again is written to dead_letter.path or,
/// without one, to the first of the files. A directory is an old spool, of one or several sinks:
/// the sinks with those names deliver it. Nothing is dropped on full; nothing else is read. Errors:
/// usage (no path), config (a directory that is not a sink's spool), io.
Result<void> prepare_replay(Settings& settings, const std::vector<std::string>& paths);

}  // namespace ship
