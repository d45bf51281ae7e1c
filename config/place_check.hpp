#pragma once

#include <vector>

#include "config/values.hpp"

namespace ship {

/// What is missing of the places that a configuration names, on this machine: of each whether the
/// program would not start, or would wait for it. A key that ends in `_file`, and an input, is read,
/// so the file must be readable; anything else is written, so its directory must be there and take
/// files. Touches nothing. In the order of the files; no errors, for a configuration is also checked
/// where it does not run.
std::vector<Problem> missing_places(const Effective& effective);

}  // namespace ship
