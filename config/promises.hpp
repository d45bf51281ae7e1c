#pragma once

#include <string>
#include <vector>

#include "config/values.hpp"

namespace ship {

/// What a run with these settings promises, one sentence each: whether the application can be held
/// back, what happens to lines in an outage, what is left out or redacted, whether order is kept.
/// A sentence that depends on a setting names its key and where it was given. Contains no secrets.
std::vector<std::string> promises(const Effective& effective);

}  // namespace ship
