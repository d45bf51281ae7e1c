#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ship {

/// The number of the signal that `text` names: "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3",
/// "RTMAX-1". None if it is not a signal on this system; neither 0 nor the two that the C library
/// reserves count as signals.
std::optional<int> parse_signal(std::string_view text);

/// "TERM", "RTMIN+3"; the number if it has no name. See signal(7).
std::string signal_name(int number);

}  // namespace ship
