#include "record/json_cursor.hpp"

#include <string>
#include <vector>

#include "record/json_unescape.hpp"
#include "tests/catch.hpp"

using ship::append_json_unescaped;
using ship::JsonCursor;
using ship::JsonKind;
using ship::JsonString;

namespace {

// Every value of a text as "path=text", by walking into all of it.
void collect(JsonCursor& walk, const std::string& path, std::vector<std::string>& out) {
  JsonString key;
  switch (walk.kind()) {
    case JsonKind::object:
      for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
        collect(walk, path + "." + std::string(key.raw), out);
      }
      break;
    case JsonKind::array:
      for (bool more = walk.first_element(); more; more = walk.next_element()) {
        collect(walk, path + "[]", out);
      }
      break;
    default:
      out.push_back(path + "=" + std::string(walk.skip()));
  }
}

std::vector<std::string> all_of(const std::string& text) {
  JsonCursor walk(text);
  std::vector<std::string> out;
  collect(walk, "", out);
  CHECK(!walk.failed());
  return out;
}

std::string unescaped(const std::string& raw) {
  std::string out;
  append_json_unescaped(out, raw);
  return out;
}

}  // namespace

TEST_CASE("json cursor: values are handed out as they are written, white space or not",
          "[json_cursor]") {
  CHECK(
      all_of(R"({"a":1,"b":{"c":"x","d":[true,null,[]]},"e":{},"f":-1.50e+3})") ==
      std::vector<std::string>{".a=1", ".b.c=\"x\"", ".b.d[]=true", ".b.d[]=null", ".f=-1.50e+3"});
  CHECK(all_of(" { \"a\" : [ 1 , \"x\" ] , \"b\" : { } } ") ==
        std::vector<std::string>{".a[]=1", ".a[]=\"x\""});
}

TEST_CASE("json cursor: quotes and brackets inside of strings do not count", "[json_cursor]") {
  CHECK(all_of(R"({"a":"}\"]{\\","b":2})") == std::vector<std::string>{R"(.a="}\"]{\\")", ".b=2"});
  const std::string text = R"({"a":{"x":["}","\\\"]",{"y":"[{"}]},"b":3})";
  JsonCursor walk(text);
  JsonString key;
  REQUIRE(walk.first_member(key));
  CHECK(walk.skip() == R"({"x":["}","\\\"]",{"y":"[{"}]})");
  REQUIRE(walk.next_member(key));
  CHECK(key.raw == "b");
  CHECK(text.substr(walk.key_at(), 3) == "\"b\"");
}

TEST_CASE("json cursor: long strings are skipped to their own end", "[json_cursor]") {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text =
        "[\"" + std::string(size, 'x') + "\\\"" + std::string(size, 'y') + "\",1]";
    JsonCursor walk(text);
    REQUIRE(walk.first_element());
    CHECK(walk.string().raw.size() == 2 * size + 2);
    REQUIRE(walk.next_element());
    CHECK(walk.skip() == "1");
    CHECK(!walk.next_element());
    CHECK(!walk.failed());
  }
}

TEST_CASE("json cursor: a text that ends early ends the walk, never reads on", "[json_cursor]") {
  const std::string whole = R"({"a":[1,{"b":"c\"d"}],"e":"f"})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    JsonCursor walk(std::string_view(exact.data(), exact.size()));
    std::vector<std::string> out;
    collect(walk, "", out);
    CHECK(walk.failed());
  }
}

TEST_CASE("json unescape: escapes of RFC 8259 become UTF-8", "[json_cursor]") {
  CHECK(unescaped(R"(a\"b\\c\/d\n\t\r\b\f)") == "a\"b\\c/d\n\t\r\b\f");
  CHECK(unescaped(R"(\u0041\u00e9\u20AC\ud83d\ude00)") == "Aé€😀");
  CHECK(unescaped(R"(\u0000)") == std::string(1, '\0'));
}

TEST_CASE("json unescape: a lone surrogate becomes U+FFFD, what is no escape stays",
          "[json_cursor]") {
  CHECK(unescaped(R"(\ud83dx)") == "\xEF\xBF\xBDx");
  CHECK(unescaped(R"(\ude00\ud83d)") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(unescaped(R"(\ud83d\u0041)") == "\xEF\xBF\xBD\x41");
  CHECK(unescaped("\\q\\u12") == "\\q\\u12");
  CHECK(unescaped("\\") == "\\");
}
