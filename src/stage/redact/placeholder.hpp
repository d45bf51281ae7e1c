#pragma once

#include <string_view>

namespace ship {

/// Whether `value`, which is not empty, stands where a secret was: "***", "<redacted>",
/// "[FILTERED]", "%s", "${PASSWORD}".
bool is_placeholder(std::string_view value);

/// Whether it is a word that follows "password:" and the like in prose, or gives nothing away.
bool is_plain_word(std::string_view value);

/// Whether `text` is `lower`, which has no capitals, but for the case of its letters.
bool equals_lower(std::string_view text, std::string_view lower);

}  // namespace ship
