#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ship {

/// What is wrong with a TOML text, for its author: in words of the file, with the line as it should
/// be where that can be told, and never in the parser's own terms. `finding` is the parser's;
/// `line` and `column`, both from 1, are where it stopped reading `text`.
std::string toml_advice(std::string_view text, std::string_view finding, std::uint32_t line,
                        std::uint32_t column);

}  // namespace ship
