#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ship {

/// Names and texts, in the order given.
using Labels = std::vector<std::pair<std::string, std::string>>;

}  // namespace ship
