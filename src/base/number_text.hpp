#pragma once

#include <cstdint>
#include <string>

namespace ship {

/// Numbers for people: "1,234,567".
std::string grouped(std::uint64_t number);

/// With the noun that is counted: "1 line", "2,000 lines".
std::string counted(std::uint64_t number, const char* one);

/// A duration in us, ms or s, two digits or more; "-" for none.
std::string seconds_text(double seconds);

/// Bytes in the unit that fits best, 1024-based, two digits or more: "900 B", "1.8 MB", "182 GB".
std::string bytes_text(std::uint64_t bytes);

}  // namespace ship
