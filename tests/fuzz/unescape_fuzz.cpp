// The inside of a JSON string: unescaped in one go and character by character it is the same, and
// never longer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/json_unescape.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  std::string whole;
  ship::append_json_unescaped(whole, raw);
  if (whole.size() > raw.size()) std::abort();
  std::string pieces;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      pieces += raw[at++];
      continue;
    }
    const ship::JsonCharacter one = ship::read_json_escape(raw.substr(at));
    if (one.raw_size == 0 || one.raw_size > raw.size() - at || one.size > 4) std::abort();
    pieces.append(one.text, one.size);
    at += one.raw_size;
  }
  if (pieces != whole) std::abort();
  return 0;
}
