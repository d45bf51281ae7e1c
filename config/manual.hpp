#pragma once

#include <string>
#include <string_view>

namespace ship {

/// The source of a manual page, in mdoc(7), from one that is written by hand and has marks on lines
/// of their own where the tables speak: @OPTIONS@, @SINKS@, @KEYS@ (of the file) and @SINK-KEYS@.
std::string fill_manual(std::string_view page);

}  // namespace ship
