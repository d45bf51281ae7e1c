#pragma once

#include <string_view>

namespace ship {

/// The files of this folder, byte for byte; embed.cmake generates the definitions. The page has
/// {{style}} and {{script}} where the other two belong.
extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace ship
