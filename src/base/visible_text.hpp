#pragma once

#include <cstdint>

namespace ship {

/// Whether a character does something else to a terminal, or to who reads it, than stand there: all
/// controls (C0, DEL, C1), line and paragraph separators, and the marks that change the direction
/// of text. Tabs and newlines are controls, too. The one alphabet of every surface that a person
/// reads.
bool acts_on_reader(std::uint32_t code);

}  // namespace ship
