#pragma once

#include <string>

namespace ship {

/// Whether the path lies in /proc or /sys, where the kernel shows itself and nobody, root included,
/// can make a file. False where it cannot be found out.
bool is_kernel_directory(const std::string& path);

}  // namespace ship
