#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// The names of a path such as `data.user.id`, outermost first. A name with a dot or another odd
/// character is quoted: `data."user agent"`. Errors: config, with what is wrong, and where in the
/// text.
Result<std::vector<std::string>> parse_field_path(std::string_view text);

}  // namespace ship
