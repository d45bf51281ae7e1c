#pragma once

#include <string>
#include <string_view>

namespace ship {

/// The value of fapilog's X-Fapilog-Signature-256 header: "sha256=" and the hexadecimal HMAC of
/// "TIMESTAMP.BODY". `timestamp` is the text of X-Fapilog-Timestamp, in seconds since 1970; `body`
/// is what is sent on the wire, after compression.
std::string webhook_signature(std::string_view secret, std::string_view timestamp,
                              std::string_view body);

}  // namespace ship
