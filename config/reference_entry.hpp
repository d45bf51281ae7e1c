#pragma once

#include <string>
#include <string_view>

#include "rows/setting.hpp"

namespace ship {

/// `text` as comment lines of a TOML file, at most 100 columns wide.
std::string toml_comment(std::string_view text);

/// A row's help as a comment, followed by `name` with its default or an example, commented out.
std::string reference_entry(const Setting& row, std::string_view name);

}  // namespace ship
