#pragma once

#include <string>
#include <string_view>

namespace ship {

/// The source of a manual page, in mdoc(7), made from a handwritten one that has marks, on separate
/// lines, where the tables go: @OPTIONS@, @SINKS@, @KEYS@ (of the file) and @SINK-KEYS@.
std::string fill_manual(std::string_view page);

}  // namespace ship
