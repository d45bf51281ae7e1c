#pragma once

#include <span>
#include <string_view>

#include "sinks/sink_type.hpp"

namespace ship {

/// Every destination, in the order of --help. The only list of them; lives for ever.
std::span<const SinkType* const> sink_types();

/// The type of a URL's scheme, null where there is none.
const SinkType* find_scheme(std::string_view scheme);

}  // namespace ship
