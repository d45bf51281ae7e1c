#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The process's environment as names and values, so that tests can pass their own.
using Environment = std::map<std::string, std::string, std::less<>>;

/// A copy of the process's environment. Call it before any thread starts.
Environment process_environment();

/// Replaces `${NAME}` and `${NAME:-default}` in `text`; the default also replaces an empty
/// variable.
/// `$${` yields a literal `${`; any other dollar sign stays. Errors: config, naming the variable
/// and never its value.
Result<std::string> expand(std::string_view text, const Environment& environment);

}  // namespace ship
