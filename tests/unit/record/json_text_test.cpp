#include "record/json_text.hpp"

#include <random>
#include <string>

#include "record/probe.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

using std::string_literals::operator""s;

std::string json(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

TEST_CASE("json text: quotes, backslashes and control characters are escaped", "[json_text]") {
  CHECK(json("plain text, long enough for words") == "plain text, long enough for words");
  CHECK(json("a\"b\\c/d") == R"(a\"b\\c/d)");
  CHECK(json("\b\t\n\f\r") == R"(\b\t\n\f\r)");
  CHECK(json("\0 \x01 \x1f \x7f"s) == "\\u0000 \\u0001 \\u001f \x7f");
  CHECK(json("\x1b[31mred\x1b[0m") == R"(\u001b[31mred\u001b[0m)");
  CHECK(json("") == "");
}

TEST_CASE("json text: each maximal ill-formed part of UTF-8 becomes U+FFFD", "[json_text]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(json("\xC3\xA9\xE2\x98\x95\xF0\x9F\x98\x80") == "\xC3\xA9\xE2\x98\x95\xF0\x9F\x98\x80");
  CHECK(json("a\xFFz") == "a" + r + "z");
  CHECK(json("\x80\xBF") == r + r);
  CHECK(json("\xC3") == r);
  CHECK(json("\xC3(") == r + "(");
  CHECK(json("\xC0\xAF") == r + r);
  CHECK(json("\xE2\x98") == r);
  CHECK(json("\xE2\x98\xE2\x98\x95") == r + "\xE2\x98\x95");
  CHECK(json("\xED\xA0\x80") == r + r + r);
  CHECK(json("\xF0\x9F\x98") == r);
  CHECK(json("\xF4\x90\x80\x80") == r + r + r + r);
  // The example of Unicode 15, table 3-8.
  CHECK(json("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64") ==
        "a" + r + r + r + "b" + r + "c" + r + r + "d");
}

TEST_CASE("json text: any bytes make a valid JSON string, the same in any position",
          "[json_text][property]") {
  std::mt19937 random(11);
  Probe probe;
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t n = random() % 1500; n-- > 0;) {
      text += static_cast<char>(random() % 4 ? 0x20 + random() % 0x60 : random() % 256);
    }
    std::string direct(text.size() * kMaxJsonBytesPerByte, '?');
    direct.resize(static_cast<std::size_t>(write_json_text(direct.data(), text) - direct.data()));
    REQUIRE(json(text) == direct);
    std::string object = "{\"a\":";
    append_json_string(object, text);
    REQUIRE(probe.probe(object + "}").fault == Fault::none);
  }
}

}  // namespace
}  // namespace ship
