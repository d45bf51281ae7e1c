#pragma once

#include <string>

namespace ship {

/// Completion scripts, made from the settings table. Each ends with a newline and works without any
/// completion library.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace ship
