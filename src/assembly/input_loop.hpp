#pragma once

#include <optional>
#include <string>
#include <sys/stat.h>

#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Whether the run would read what it writes itself, without end: an input that is, by device and
/// inode, the regular file of a file sink, of the dead letters, or of standard output where a sink
/// writes there. Errors: config, with both names.
Result<void> check_for_loop(const Settings& settings);
/// What the run writes to the regular file with this status, as "the output of sink x"; none: it
/// does not write there.
std::optional<std::string> own_output(const Settings& settings, const struct stat& status);

}  // namespace ship
