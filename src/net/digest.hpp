#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ship {

using Sha256Digest = std::array<unsigned char, 32>;

/// SHA-256 (FIPS 180-4) over the parts, one after the other, as if they were one text.
Sha256Digest sha256(std::initializer_list<std::string_view> parts);

/// HMAC-SHA-256 (RFC 2104) over the parts, one after the other, as if they were one text.
Sha256Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// Lower-case hexadecimal digits, two a byte.
std::string hex_text(const Sha256Digest& digest);

}  // namespace ship
