#pragma once

#include <cstdint>
#include <string_view>

namespace ship {

/// CRC-32 as gzip and zlib have it (RFC 1952, 8) of `bytes`; `before` is that of what stands in
/// front of them. Finds accidents; someone who means harm can keep it the same.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace ship
