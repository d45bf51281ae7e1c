#pragma once

#include <string>

namespace ship {

/// The text of --help, from the settings table: at most 100 columns wide, with a newline at its
/// end.
std::string help_text();

}  // namespace ship
