#pragma once

#include <string_view>

namespace ship {

/// How the error begins that says a request was sent and its answer did not come in time: the
/// server may have done what it was asked to. The time follows.
inline constexpr std::string_view kNoAnswer = "no answer within ";

}  // namespace ship
