#pragma once

#include <string>

#include "base/files.hpp"

namespace ship {

/// What a spool promises on any file system that works. `directory` must not exist yet.
void check_spool_contract(Files& files, const std::string& directory);

}  // namespace ship
