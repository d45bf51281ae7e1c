#pragma once

#include <string>
#include <vector>

namespace ship {

/// The schemes of every sink that this build has, in the order of the sinks.
std::vector<std::string> known_schemes();

/// The same for a message: "stdout:, file:, http:, https:, …".
std::string list_of_schemes();

}  // namespace ship
