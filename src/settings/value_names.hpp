#pragma once

#include <string>

#include "rows/setting.hpp"

namespace ship {

/// The names that the list of a setting is made of, where there is a fixed number of them: levels,
/// sets and patterns of the redaction. Blank-separated, for completions; empty: there are none.
std::string value_names(const Setting& row);

}  // namespace ship
