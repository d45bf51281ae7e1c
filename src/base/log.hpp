#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace ship {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

/// Takes one of the shipper's own messages, a line of plain English without a newline. The library
/// prints nothing: cli/ passes a function that does. May be called from any thread but the
/// reader's; must not block.
using LogFunction = std::function<void(LogLevel, std::string)>;

}  // namespace ship
