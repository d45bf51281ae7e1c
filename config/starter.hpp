#pragma once

#include <string>

#include "config/values.hpp"

namespace ship {

/// A configuration to start from: what flags or the environment gave, as settings, and what most
/// people change, as comments. A secret in a URL becomes "***", with a note on where it belongs.
/// Ends with a newline.
std::string starter_toml(const Effective& given);

}  // namespace ship
