#pragma once

#include <cstdint>

namespace ship {

/// Whether a character does more to a terminal, or to its reader, than show a glyph: all controls
/// (C0, DEL, C1), line and paragraph separators, and the marks that change text direction. Tabs and
/// newlines are controls too. The one list used for everything that a person reads.
bool acts_on_reader(std::uint32_t code);

}  // namespace ship
