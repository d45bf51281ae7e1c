#pragma once

#include <string>

#include "config/values.hpp"

namespace ship {

/// The effective configuration as TOML that can be read back, each value with its origin as a
/// comment and each secret as "***". Ends with a newline.
std::string print_config(const Effective& effective);

/// config/reference.toml: every key with its default and its help. Can be read back without error.
std::string reference_toml();

}  // namespace ship
