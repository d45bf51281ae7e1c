#pragma once

#include <string_view>

namespace ship {

/// Whether `value`, which is not empty, is a replacement for a secret: "***", "<redacted>",
/// "[FILTERED]", "%s", "${PASSWORD}".
bool is_placeholder(std::string_view value);

/// Whether `value` is a word that follows "password:" and the like in prose, or reveals nothing.
bool is_plain_word(std::string_view value);

/// Whether `text` equals `lower`, which is in lower case, ignoring case.
bool equals_lower(std::string_view text, std::string_view lower);

}  // namespace ship
