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

/// The value of fapilog's X-Fapilog-Signature-256 header: "sha256=" and the hexadecimal HMAC of
/// "TIMESTAMP.BODY". `timestamp` is the text of X-Fapilog-Timestamp, in seconds since 1970; `body`
/// is what goes over the wire, after compression.
std::string webhook_signature(std::string_view secret, std::string_view timestamp,
                              std::string_view body);

}  // namespace ship
