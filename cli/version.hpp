#pragma once

#include <string>

namespace ship {

/// The text of --version: the version, the sinks of this build, and the libraries it was built
/// with.
std::string version_text();

}  // namespace ship
