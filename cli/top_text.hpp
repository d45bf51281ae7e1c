#pragma once

#include <optional>
#include <string>

namespace ship {

/// Numbers as `top` shows them.
namespace top_text {
std::string rate(std::optional<double> rate);  ///< "1,234/s"; "-/s" where there is none
std::string seconds(double seconds);           ///< "1.2 ms"; "-" where it is 0
std::string uptime(double seconds);            ///< "3 h 12 min"
}  // namespace top_text

}  // namespace ship
