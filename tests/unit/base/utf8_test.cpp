#include "base/utf8.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("utf-8: a prefix does not end inside a character", "[utf8]") {
  CHECK(utf8_prefix("abc", 3) == "abc");
  CHECK(utf8_prefix("abc", 2) == "ab");
  CHECK(utf8_prefix("a\xC3\xA9", 2) == "a");
  CHECK(utf8_prefix("a\xC3\xA9z", 3) == "a\xC3\xA9");
  CHECK(utf8_prefix("\xE2\x98\x95x", 3) == "\xE2\x98\x95");
  CHECK(utf8_prefix("\xE2\x98\x95", 2) == "");
  CHECK(utf8_prefix("\xF0\x9F\x98\x80", 3) == "");
  CHECK(utf8_prefix("z\xF0\x9F\x98\x80", 4) == "z");
  CHECK(utf8_prefix("\x80\x80\x80\x80\x80", 4) == "\x80\x80\x80\x80");
  CHECK(utf8_prefix("\xFF\xFF\xFF", 2) == "\xFF");
  CHECK(utf8_prefix("abc", 0) == "");
}

TEST_CASE("utf-8: what is written for a code point is read as one sequence", "[utf8]") {
  for (std::uint32_t code = 1; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 61) {
    if (code >= 0xD800 && code < 0xE000) continue;
    char text[4];
    const std::size_t size = write_utf8(text, code);
    CAPTURE(code);
    REQUIRE(utf8_sequence({text, size}) == size);
    std::uint32_t read = static_cast<unsigned char>(text[0]);
    if (size > 1) read &= 0x7Fu >> size;
    for (std::size_t i = 1; i < size; ++i) read = read << 6 | (text[i] & 0x3F);
    REQUIRE(read == code);
    REQUIRE(code_point({text, size}) == code);
  }
}

}  // namespace
}  // namespace ship
