#pragma once

#include <string>
#include <string_view>

namespace ship {

/// Appends a byte as a percent sign and two uppercase hex digits (RFC 3986, 2.1).
void append_percent(std::string& out, unsigned char byte);

/// `text`, percent-encoded except for letters, digits, `-._~` (RFC 3986's unreserved) and the
/// characters in `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// `text` with each percent sign followed by two hex digits decoded; other percent signs stay.
std::string percent_decoded(std::string_view text);

}  // namespace ship
