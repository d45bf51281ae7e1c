#pragma once

#include <string>
#include <string_view>

namespace ship {

/// `text` without the escape sequences of terminals (ECMA-48): colours, cursor movements, titles,
/// links. A view of `text` itself where it has none, else of `scratch`, which is overwritten. An
/// escape character that starts no sequence goes too; of a sequence that does not end, all the
/// rest.
std::string_view without_ansi(std::string_view text, std::string& scratch);

}  // namespace ship
