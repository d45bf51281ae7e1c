#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ship {

/// Names and texts, in the order in which they were given.
using Labels = std::vector<std::pair<std::string, std::string>>;

}  // namespace ship
