#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"

namespace ship {

/// What the input makes of `line`, what each stage does to it, with the line after each change,
/// which sinks it would reach, and what each would send (Sink::payload): text for a person, a line
/// or two for each step. A line that is several records, or none, is told as such. Opens no file,
/// asks nobody. Errors: config, as Ship::build.
Result<std::string> explain_line(const Settings& settings, std::string_view line,
                                 Clock& clock = system_clock());

}  // namespace ship
