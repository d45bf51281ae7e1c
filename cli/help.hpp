#pragma once

#include <cstddef>
#include <string>

#include "cli/command_table.hpp"

namespace ship {

/// The text of --help, from the settings table, for a terminal of `width` columns (clamped to 60 to
/// 100), with a newline at its end. What cannot be broken may be longer.
std::string help_text(std::size_t width);

/// The text of -h: what most people need, on one screen.
std::string brief_help_text(std::size_t width);

/// The help of one command.
std::string command_help_text(const CommandRow& command, std::size_t width);

}  // namespace ship
