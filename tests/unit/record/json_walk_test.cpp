#include "record/json_walk.hpp"

#include <vector>

#include "record/json_unescape.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct Seen {
  std::string key;
  JsonKind kind;
  std::string raw;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> walk_all(std::string_view text) {
  std::vector<Seen> seen;
  for (JsonWalk walk(text); walk.next();) {
    seen.push_back({std::string(walk.key()), walk.value().kind(), std::string(walk.value().raw)});
  }
  return seen;
}

std::string unescaped(std::string_view inside) {
  std::string out;
  append_json_unescaped(out, inside);
  return out;
}

}  // namespace

TEST_CASE("json walk: every member comes in order with its kind and bytes", "[json_walk]") {
  CHECK(walk_all(R"( {"a":1,"b" : "x\"}y" , "c":{"d":[1,"]"]},"e":[{},[]], "f":true,"g":null,)"
                 R"("h":-1.5e3} )") ==
        std::vector<Seen>{{"a", JsonKind::number, "1"},
                          {"b", JsonKind::string, R"("x\"}y")"},
                          {"c", JsonKind::object, R"({"d":[1,"]"]})"},
                          {"e", JsonKind::array, "[{},[]]"},
                          {"f", JsonKind::boolean, "true"},
                          {"g", JsonKind::null, "null"},
                          {"h", JsonKind::number, "-1.5e3"}});
}

TEST_CASE("json walk: an array has elements without keys", "[json_walk]") {
  CHECK(walk_all(R"([1, "two", {"three":3}])") ==
        std::vector<Seen>{{"", JsonKind::number, "1"},
                          {"", JsonKind::string, R"("two")"},
                          {"", JsonKind::object, R"({"three":3})"}});
}

TEST_CASE("json walk: empty containers and scalars have no members", "[json_walk]") {
  for (const char* text : {"{}", "[]", " { } ", "[ ]", "1", "\"a\"", "", "null"}) {
    CHECK(walk_all(text).empty());
  }
}

TEST_CASE("json walk: keys come without their escapes", "[json_walk]") {
  CHECK(walk_all(R"({"a\"b\u00e4":1,"c":2})") ==
        std::vector<Seen>{{"a\"bä", JsonKind::number, "1"}, {"c", JsonKind::number, "2"}});
}

TEST_CASE("json walk: escapes become what they stand for", "[json_walk]") {
  CHECK(unescaped(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(unescaped(R"(\u0041\u00e4\u20AC)") == "Aä€");
  CHECK(unescaped(R"(x\ud83e\udd80y)") == "x🦀y");
  CHECK(unescaped(R"(\ud83e)") == "\uFFFD");
  CHECK(unescaped(R"(\ud83ex)") == "\uFFFDx");
  CHECK(unescaped(R"(\udd80\ud83e\u0041)") == "\uFFFD\uFFFDA");
  CHECK(unescaped(R"(\u0000)") == std::string(1, '\0'));
}

TEST_CASE("json walk: text that is cut anywhere is read to its fault and no further",
          "[json_walk]") {
  const std::string whole = R"({"a":"x\u00e4\\","b":[1,{"c":"d"}],"e":{"f":null}})";
  const std::vector<Seen> all = walk_all(whole);
  REQUIRE(all.size() == 3);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string_view text(cut.data(), cut.size());
    const std::vector<Seen> seen = walk_all(text);
    CHECK(seen.size() <= all.size());
    for (JsonWalk walk(text); walk.next();) walk.value().text();
  }
}

}  // namespace ship
