#pragma once

#include <cstddef>
#include <string_view>

namespace ship {

/// text.starts_with(word). Most lines differ from a word in the first character, which is compared
/// inline without a call.
constexpr bool begins(std::string_view text, std::string_view word) {
  return !text.empty() && text.front() == word.front() && text.starts_with(word);
}

}  // namespace ship
