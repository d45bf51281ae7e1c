#include "sinks/terminal/terminal_text.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

std::string harmless(std::string_view text, bool newlines = false, Sgr sgr = Sgr::remove) {
  std::string out;
  append_harmless(text, out, newlines, sgr);
  return out;
}

}  // namespace

TEST_CASE("terminal text: plain text of any language stays as it is", "[terminal_text]") {
  for (const char* text : {"", "order failed", "Straße – 東京 🦀 ☕", "a\tb", "\xc2\xa0",
                           "«x»", "👩‍👩‍👧", "ещё", "العربية"}) {
    CHECK(harmless(text) == text);
  }
}

TEST_CASE("terminal text: nothing that moves the cursor or forges a line gets through",
          "[terminal_text]") {
  CHECK(harmless("a\x1b[2Jb") == "a\\x1b[2Jb");
  CHECK(harmless("\x1b]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(harmless("a\rb\nc") == "a\\rb\\nc");
  CHECK(harmless("\b\x7f") == "\\x08\\x7f");
  CHECK(harmless(std::string_view("\0", 1)) == "\\x00");
  CHECK(harmless("\u009b2J\u0085") == "\\u009b2J\\u0085");
  CHECK(harmless("user\u202egpj.exe\u2066x") == "user\\u202egpj.exe\\u2066x");
  CHECK(harmless("a\u2028b\u200e") == "a\\u2028b\\u200e");
  CHECK(harmless("\x1b") == "\\x1b");
  CHECK(harmless("\x1b[") == "\\x1b[");
  CHECK(harmless("\x1b[31") == "\\x1b[31");
  CHECK(harmless("\x9b\xff") == "\uFFFD\uFFFD");
}

TEST_CASE("terminal text: every control character, alone or in text, is made visible",
          "[terminal_text]") {
  for (int c = 0; c < 0xa0; ++c) {
    if (c == '\t' || (c >= 0x20 && c < 0x7f)) continue;
    std::string text = "a";
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else {
      text += {'\xc2', static_cast<char>(c)};
    }
    const std::string shown = harmless(text + "b");
    CHECK(shown.size() >= 4);
    for (const char byte : shown) CHECK((byte >= 0x20 && byte < 0x7f));
  }
}

TEST_CASE("terminal text: colours are taken out, or kept where they are wanted",
          "[terminal_text]") {
  CHECK(harmless("\x1b[1;31mred\x1b[0m") == "red");
  CHECK(harmless("\x1b[1;31mred\x1b[0m", false, Sgr::keep) == "\x1b[1;31mred\x1b[0m");
  CHECK(harmless("\x1b[38;5;8mgrey", false, Sgr::keep) == "\x1b[38;5;8mgrey");
  CHECK(harmless("\x1b[8mhidden\x1b[0;08mtoo", false, Sgr::keep) == "hiddentoo");
  CHECK(harmless("\x1b[2Jgone", false, Sgr::keep) == "\\x1b[2Jgone");
}

TEST_CASE("terminal text: lines stay lines where they are allowed", "[terminal_text]") {
  CHECK(harmless("a\r\nb\nc\rd", true) == "a\nb\nc\\rd");
}

TEST_CASE("terminal text: wide characters take two columns, combining ones none",
          "[terminal_text]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Straße") == 6);
  CHECK(display_width("東京") == 4);
  CHECK(display_width("🦀") == 2);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("") == 0);
}

}  // namespace ship
