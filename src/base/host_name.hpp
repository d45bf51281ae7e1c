#pragma once

#include <string>

namespace ship {

/// This machine's name, as gethostname(2) has it; "unknown" where it has none.
std::string host_name();

}  // namespace ship
