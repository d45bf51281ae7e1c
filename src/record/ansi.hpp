#pragma once

#include <string>
#include <string_view>

namespace ship {

/// `text` without terminal escape sequences (ECMA-48): colours, cursor movements, titles, links. A
/// view of `text` itself if it has none, else of `scratch`, which is overwritten. Removes only
/// complete sequences: an escape character that starts none stays, with the text after it.
std::string_view without_ansi(std::string_view text, std::string& scratch);

}  // namespace ship
