#pragma once

#include <string>

#include "config/sources.hpp"

namespace ship {

/// What defaults depend on.
struct DefaultFacts {
  bool stdin_is_regular_file = false;
};

/// Fills every gap in what was given with defaults, takes the sinks' URLs and tables apart, and
/// gives each sink its own value, that at the top, or the default of its type. Reports to
/// `sources`.
Effective make_effective(Sources& sources, const DefaultFacts& facts);

}  // namespace ship
