#pragma once

#include <string>

#include "config/sources.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The typed settings behind the effective values. A new sink type needs one function in the source
/// file of this header, and its rows. Never fails: values are within their bounds.
Settings build_settings(const Effective& effective);

/// What no single row can say: keys that exclude or need one another. Reports to `sources`.
void check_rules(const Effective& effective, Sources& sources);

}  // namespace ship
