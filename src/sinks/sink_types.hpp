#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sinks/sink_type.hpp"

namespace ship {

/// Every destination, in the order of --help. The only list of them.
std::span<const SinkType* const> sink_types();

/// Which types have a different default for the shared setting than its row: "4096 for stdout, file
/// and null; 5000 for loki". Empty: none.
std::string other_defaults(const Setting& row);

/// The type of a URL's scheme; null if there is none.
const SinkType* find_scheme(std::string_view scheme);

}  // namespace ship
