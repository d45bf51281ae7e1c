#include "record/json_unescape.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace ship {
namespace {

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value;
}

JsonCharacter plain(char c, std::size_t raw_size) {
  JsonCharacter character;
  character.raw_size = raw_size;
  character.size = 1;
  character.text[0] = c;
  return character;
}

}  // namespace

JsonCharacter read_json_escape(std::string_view raw) {
  if (raw.size() < 2) return plain('\\', 1);
  switch (raw[1]) {
    case '"':
    case '\\':
    case '/':
      return plain(raw[1], 2);
    case 'b':
      return plain('\b', 2);
    case 'f':
      return plain('\f', 2);
    case 'n':
      return plain('\n', 2);
    case 'r':
      return plain('\r', 2);
    case 't':
      return plain('\t', 2);
    case 'u':
      break;
    default:
      return plain('\\', 1);
  }
  const auto first = hex4(raw.substr(2));
  if (!first) return plain('\\', 1);
  JsonCharacter character;
  character.raw_size = 6;
  std::uint32_t code = *first;
  if (code >= 0xD800 && code < 0xE000) {
    code = 0xFFFD;
    if (*first < 0xDC00 && raw.size() >= 12 && raw[6] == '\\' && raw[7] == 'u') {
      const auto second = hex4(raw.substr(8));
      if (second && *second >= 0xDC00 && *second < 0xE000) {
        code = 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
        character.raw_size = 12;
      }
    }
  }
  character.size = write_utf8(character.text, code);
  return character;
}

void append_json_unescaped(std::string& out, std::string_view raw) {
  while (true) {
    const std::size_t run = std::min(raw.find('\\'), raw.size());
    out.append(raw, 0, run);
    if (run == raw.size()) return;
    raw.remove_prefix(run);
    const JsonCharacter character = read_json_escape(raw);
    out.append(character.text, character.size);
    raw.remove_prefix(character.raw_size);
  }
}

std::string_view json_unescaped(std::string_view raw, bool escaped, std::string& scratch) {
  if (!escaped) return raw;
  scratch.clear();
  append_json_unescaped(scratch, raw);
  return scratch;
}

}  // namespace ship
