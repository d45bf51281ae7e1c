#include "record/ansi.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

std::string bare(std::string_view text) {
  std::string scratch = "what was there before";
  return std::string(without_ansi(text, scratch));
}

TEST_CASE("ansi: colours, movements, titles and links go, the text stays", "[ansi]") {
  CHECK(bare("\x1b[31mred\x1b[0m and \x1b[1;38;2;1;2;3mblue\x1b[m") == "red and blue");
  CHECK(bare("\x1b[2K\x1b[1Gdone\x1b[?25h") == "done");
  CHECK(bare("\x1b]0;title\atext") == "text");
  CHECK(bare("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\") == "link");
  CHECK(bare("\x1b(Bx\x1b=y\x1b"
             "7z") == "xyz");
}

TEST_CASE("ansi: a text without escapes is returned as it is, without a copy", "[ansi]") {
  const std::string text = "caf\xc3\xa9 [31m \x9b";
  std::string scratch;
  CHECK(without_ansi(text, scratch).data() == text.data());
}

TEST_CASE("ansi: only whole sequences go; a lone or broken one stays with its text", "[ansi]") {
  for (const std::string_view text :
       {"a\x1b", "a\x1b[", "a\x1b[31", "a\x1b[3\nb", "a\x1b]0;never ends", "a\x1b\xc3\xa9",
        "a\x1b b", "err \x1b\"quoted\"", "it's 5\x1b' long", "a\x1b, b", "key\x1b(", "\x1bhello"}) {
    CHECK(bare(text) == text);
  }
  CHECK(bare("a\x1b\x1b[31mb") ==
        "a\x1b"
        "b");
  CHECK(bare("a\x1b]0;x\x1b[31mb") == "a\x1b]0;xb");
  CHECK(bare("a\x1b"
             "cb\x1b#8c\x1b%Gd") == "abcd");
}

}  // namespace
}  // namespace ship
