#pragma once

#include <string>

#include "config/sources.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The typed settings behind the effective values: each row fills its member. What the values of a
/// sink cannot be together, its type reports to `sources`. With problems the settings are as far as
/// they could be read.
Settings build_settings(const Effective& effective, Sources& sources);

/// What no single row can say: keys that exclude or need one another. Reports to `sources`.
void check_rules(const Effective& effective, Sources& sources);

}  // namespace ship
