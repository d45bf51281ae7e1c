#include "rows/value.hpp"

#include "record/json_text.hpp"

namespace ship {

std::string toml_string(std::string_view text) {
  // JSON's escapes are TOML's too, but for DEL.
  std::string result;
  append_json_string(result, text);
  for (std::size_t at; (at = result.find('\x7F')) != std::string::npos;) {
    result.replace(at, 1, "\\u007F");
  }
  return result;
}

}  // namespace ship
