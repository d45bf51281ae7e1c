#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ship {

/// The number of the signal that `text` names: "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3",
/// "RTMAX-1". None where it is no signal of this system; 0 is none, and neither are the two that
/// the C library keeps.
std::optional<int> parse_signal(std::string_view text);

/// "TERM", "RTMIN+3"; the number where it has no name. See signal(7).
std::string signal_name(int number);

}  // namespace ship
