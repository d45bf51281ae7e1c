#pragma once

#include <string>

#include "config/sources.hpp"

namespace ship {

/// What defaults depend on.
struct DefaultFacts {
  bool stdin_is_regular_file = false;
};

/// Fills every gap in what was given with defaults, parses the sinks' URLs and tables, and gives
/// each sink its own value, the top-level one, or its type's default. Reports to `sources`.
Effective make_effective(Sources& sources, const DefaultFacts& facts);

}  // namespace ship
