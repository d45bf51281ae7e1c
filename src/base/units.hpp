#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// The text of a number without digit separators, as in TOML: "50_000" becomes "50000". Each _
/// between two digits is removed; others stay, so that parsing the number rejects them.
std::string without_separators(std::string_view text);

/// Bytes from an integer ("65536") or a number with a unit: B; KB, MB, GB, TB, KiB, MiB, GiB, K, M,
/// G, all 1024-based; any case, spaces allowed before the unit ("1.5 mb"). Fractions of a byte are
/// cut off. Errors: config; the message says what is wrong with the text and fits after "found …,".
Result<std::uint64_t> parse_size(std::string_view text);

/// The shortest exact form that parse_size reads back: "64 MB", "1536 KB", "1000".
std::string print_size(std::uint64_t bytes);

/// Milliseconds from a number with ms, s, m, h, d or w; decimals allowed, a bare number is seconds.
/// A value above zero but below one millisecond is an error, because zero usually means "off".
/// Errors: config.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "250ms", "90s", "1h".
std::string print_duration(std::chrono::milliseconds duration);

}  // namespace ship
