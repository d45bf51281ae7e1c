#pragma once

#include <vector>

#include "config/values.hpp"

namespace ship {

/// What the places that a configuration names are like on this machine.
struct PlaceFindings {
  std::vector<Problem> errors;    ///< the program would not start
  std::vector<Problem> warnings;  ///< it would start, and wait until the place is there
};

/// Looks at each path among the values: a key that ends in `_file` and each input is read, so the
/// file must be readable; anything else is written, so its directory must be there and take files.
/// Touches nothing.
PlaceFindings check_places(const Effective& effective);

}  // namespace ship
