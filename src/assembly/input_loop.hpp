#pragma once

#include <optional>
#include <string>
#include <sys/stat.h>

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Checks whether the run would read its own output, endlessly: an input that is, by device and
/// inode, the regular file of a file sink, of the dead letters, or of standard output if a sink
/// writes there; or that listens where a sink sends. Errors: config, with both names.
Result<void> check_for_loop(const Settings& settings);
/// What the run writes to the regular file with this status, as "the output of sink x"; none: it
/// does not write there.
std::optional<std::string> own_output(const Settings& settings, const struct stat& status);

}  // namespace ship
