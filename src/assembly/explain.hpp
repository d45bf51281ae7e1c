#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Explains `line` to a person, a line or two for each step: what the input makes of it, what each
/// stage does to it (with the line after each change), and which sinks it would reach. Says so if
/// the line is several records, or none. Opens no sink. Errors: config, as Ship::build.
Result<std::string> explain_line(const Settings& settings, std::string_view line,
                                 Clock& clock = system_clock());

}  // namespace ship
