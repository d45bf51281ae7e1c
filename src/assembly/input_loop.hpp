#pragma once

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Whether the run would read what it writes itself, without end: an input that is, by device and
/// inode, the regular file of a file sink, of the dead letters, or of standard output where a sink
/// writes there. Errors: config, with both names.
Result<void> check_for_loop(const Settings& settings);

}  // namespace ship
