#pragma once

#include <string>

namespace ship {

/// The schemes of every sink that this build has: "stdout:, file:, http:, https:, …".
std::string list_of_schemes();

/// What `scheme`, which is none, may have been meant as: `; did you mean "loki+http" or
/// "loki+https"?` for "loki", which needs to be told how; else the nearest one. Empty: nothing is
/// near.
std::string meant_schemes(const std::string& scheme);

}  // namespace ship
