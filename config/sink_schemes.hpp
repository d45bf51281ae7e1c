#pragma once

#include <string>

namespace ship {

/// The schemes of all sinks that this build has, for messages: "stdout:, file:, http:".
std::string list_of_schemes();

/// Which of them `scheme` may have meant, as the end of a message: "loki:" needs to be told how, so
/// `; did you mean "loki+http" or "loki+https"?`. Empty where none is near.
std::string meant_schemes(const std::string& scheme);

}  // namespace ship
