#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// The candidate that `word` was probably meant to be: equal except for case and `-`, `_`, `.`; or
/// the same last part ("size" for "queue.size"); or a few letters off. Empty if none is close.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `; did you mean "queue.size"?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace ship
