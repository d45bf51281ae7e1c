#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The text of a number without what separates its digits, as in TOML: "50_000" is "50000". Each _
/// between two digits goes; others stay, so that reading the number refuses them.
std::string without_separators(std::string_view text);

/// Bytes from an integer ("65536") or a number with a unit: B; KB, MB, GB, TB, KiB, MiB, GiB, K, M,
/// G, all 1024-based; any case, blanks before the unit allowed ("1.5 mb"). Parts of a byte are cut
/// off. Errors: config, with a message that fits behind "found …,": what is wrong with the text.
Result<std::uint64_t> parse_size(std::string_view text);

/// The shortest exact form that parse_size reads back: "64 MB", "1536 KB", "1000".
std::string print_size(std::uint64_t bytes);

/// Milliseconds from a number with ms, s, m, h, d or w; decimals allowed, a bare number is seconds.
/// What is above zero but below one millisecond is an error, because zero mostly means "off".
/// Errors: config.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "250ms", "90s", "1h".
std::string print_duration(std::chrono::milliseconds duration);

}  // namespace ship
