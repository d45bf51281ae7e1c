#pragma once

#include <string>
#include <string_view>

namespace ship {

/// `text` without the escape sequences of terminals (ECMA-48): colours, cursor movements, titles,
/// links. A view of `text` itself where it has none, else of `scratch`, which is overwritten. Only
/// whole sequences go: an escape character that starts none stays, with the text behind it.
std::string_view without_ansi(std::string_view text, std::string& scratch);

}  // namespace ship
