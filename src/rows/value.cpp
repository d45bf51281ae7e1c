#include "rows/value.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
  });
}

}  // namespace

std::string toml_string(std::string_view text) {
  // JSON's escapes are valid in TOML too, except for DEL.
  std::string result;
  append_json_string(result, text);
  for (std::size_t at; (at = result.find('\x7F')) != std::string::npos;) {
    result.replace(at, 1, "\\u007F");
  }
  return result;
}

std::string toml_key(std::string_view key) {
  return is_bare_key(key) ? std::string(key) : toml_string(key);
}

}  // namespace ship
