#pragma once

#include <cstdint>
#include <string_view>

namespace ship {

/// CRC-32 of `bytes`, as in gzip and zlib (RFC 1952, 8); `before` is the CRC of the preceding
/// bytes. Detects accidents, not tampering: an attacker can keep it the same.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace ship
