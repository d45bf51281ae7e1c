#pragma once

#include <string>

#include "config/sources.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The typed settings for the effective values: each row fills its member. A sink's type reports
/// values that do not go together to `sources`. With problems, the settings are filled as far as
/// possible.
Settings build_settings(const Effective& effective, Sources& sources);

/// Checks what no single row can: keys that exclude or need one another. Reports to `sources`.
void check_rules(const Effective& effective, Sources& sources);

}  // namespace ship
