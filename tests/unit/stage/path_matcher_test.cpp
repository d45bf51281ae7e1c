#include "stage/path_matcher.hpp"

#include <regex>

#include "record/json_cursor.hpp"
#include "tests/catch.hpp"

using ship::JsonCursor;
using ship::JsonKind;
using ship::JsonString;
using ship::PathMatcher;

namespace {

void collect(PathMatcher& matcher, JsonCursor& walk, PathMatcher::Scope scope, bool root,
             std::string& out) {
  JsonString key;
  switch (walk.kind()) {
    case JsonKind::object:
      for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
        const bool envelope = root && key.raw == "log" && walk.kind() == JsonKind::object;
        const auto match = matcher.enter(key.raw, scope, envelope);
        if (match.pattern) {
          out += " " + std::string(key.raw) + ":" + std::to_string(*match.pattern);
          out += "=" + std::string(walk.skip());
        } else {
          collect(matcher, walk, match.inside, false, out);
        }
        matcher.leave(match);
      }
      break;
    case JsonKind::array:
      for (bool more = walk.first_element(); more; more = walk.next_element()) {
        collect(matcher, walk, scope, false, out);
      }
      break;
    default:
      walk.skip();
  }
}

/// What of `json` the patterns match, as " key:pattern=value".
std::string matched(const std::vector<std::string>& patterns, const std::string& json) {
  auto matcher = PathMatcher::compile(patterns);
  if (!matcher) FAIL(matcher.error().message);
  JsonCursor walk(json);
  std::string out;
  collect(matcher.value(), walk, matcher.value().enter_root(), true, out);
  CHECK(!walk.failed());
  return out;
}

}  // namespace

TEST_CASE("paths: a name alone matches at any depth, arrays included", "[paths]") {
  CHECK(matched({"id"}, R"({"id":1,"a":{"id":2,"b":[{"id":3},[{"id":4}]]}})") ==
        " id:0=1 id:0=2 id:0=3 id:0=4");
}

TEST_CASE("paths: dots lead from the root, or from the inside of the envelope", "[paths]") {
  CHECK(matched({"a.id"}, R"({"a":{"id":1,"a":{"id":2}},"x":{"a":{"id":3}}})") == " id:0=1");
  CHECK(matched({"a.id"}, R"({"log":{"a":{"id":1}}})") == " id:0=1");
  CHECK(matched({"log.a.id"}, R"({"log":{"a":{"id":1}}})") == " id:0=1");
  CHECK(matched({"a.id"}, R"({"x":{"log":{"a":{"id":1}}}})") == "");
  CHECK(matched({"a.id"}, R"({"a":[{"id":1},{"id":2}]})") == " id:0=1 id:0=2");
}

TEST_CASE("paths: a dot in front anchors a single name", "[paths]") {
  CHECK(matched({".id"}, R"({"id":1,"a":{"id":2},"log":{"id":3,"a":{"id":4}}})") ==
        " id:0=1 id:0=3");
}

TEST_CASE("paths: a star is any one name, two stars any number", "[paths]") {
  CHECK(matched({"a.*.id"}, R"({"a":{"id":1,"b":{"id":2},"c":{"d":{"id":3}}}})") == " id:0=2");
  CHECK(matched({"a.**.id"}, R"({"a":{"id":1,"b":{"id":2},"c":{"d":{"id":3}}},"id":4})") ==
        " id:0=1 id:0=2 id:0=3");
  CHECK(matched({"a.*"}, R"({"a":{"x":1,"y":{"z":2}}})") == R"( x:0=1 y:0={"z":2})");
  CHECK(matched({"**.a.id"}, R"({"a":{"id":1},"b":{"a":{"id":2}},"id":3})") == " id:0=1 id:0=2");
}

TEST_CASE("paths: a star at the end of a name is any text", "[paths]") {
  CHECK(matched({"*_token"}, R"({"a_token":1,"token":2,"aToken":3,"tokens":4,"token_id":5})") ==
        " a_token:0=1 token:0=2 aToken:0=3");
  CHECK(matched({"secret*"}, R"({"secret":1,"secrets":2,"my_secret":3})") ==
        " secret:0=1 secrets:0=2");
  CHECK(matched({"*pass*"}, R"({"bypass":1,"passed":2,"x":3})") == " bypass:0=1 passed:0=2");
}

TEST_CASE("paths: case and separators between words do not matter", "[paths]") {
  for (const std::string key : {"api_key", "apiKey", "API-KEY", "apikey", "Api Key", "_api_key_"}) {
    CHECK(matched({"api_key"}, "{\"" + key + "\":1}") == " " + key + ":0=1");
    CHECK(matched({"apiKey"}, "{\"" + key + "\":1}") == " " + key + ":0=1");
  }
  CHECK(matched({"api_key"}, R"({"ap_ikey":1,"api_keys":2,"my_api_key":3})") == "");
  CHECK(matched({"auth"}, R"({"author":1,"oauth":2,"auth":3})") == " auth:0=3");
}

TEST_CASE("paths: keys with dots count as the names between them", "[paths]") {
  CHECK(matched({"password"}, R"({"user.password":1})") == " user.password:0=1");
  CHECK(matched({"user.email"}, R"({"user.email":1,"user":{"email":2}})") ==
        " user.email:0=1 email:0=2");
  CHECK(matched({"a.b.c"}, R"({"a.b":{"c":1},"a":{"b.c":2}})") == " c:0=1 b.c:0=2");
  CHECK(matched({"a.\"x.y\""}, R"({"a":{"x.y":1,"x":{"y":2}}})") == " x.y:0=1");
  CHECK(matched({"user"}, R"({"user.email":1})") == "");
}

TEST_CASE("paths: the first pattern that matches counts", "[paths]") {
  CHECK(matched({"data.id", "id"}, R"({"id":1,"data":{"id":2}})") == " id:1=1 id:0=2");
}

TEST_CASE("paths: what cannot be a path is refused with its reason", "[paths]") {
  const auto error = [](const std::string& pattern) {
    const auto made = PathMatcher::compile(std::vector<std::string>{pattern});
    REQUIRE(!made);
    return made.error().message;
  };
  CHECK(error("").find("a name is empty") != std::string::npos);
  CHECK(error("a..b").find("a name is empty") != std::string::npos);
  CHECK(error("a.**").find("'**' is at the end") != std::string::npos);
  CHECK(error("a*b").find("at the start or the end of a name only") != std::string::npos);
  CHECK(error("\"a").find("the quote is not closed") != std::string::npos);
}

TEST_CASE("paths: a hint is found wherever its pattern matches", "[paths]") {
  const std::vector<std::string> patterns = {"api_key", "*_token", "secret*", "data.e-mail", "a.*"};
  const auto matcher = PathMatcher::compile(patterns);
  const auto hints = matcher.value().hints();
  CHECK(!hints[4]);
  const auto hinted = [&](std::size_t pattern, const std::string& text) {
    return std::regex_search(text, std::regex(*hints[pattern], std::regex::icase));
  };
  for (const std::string key : {"api_key", "apiKey", "API-KEY", "_api_key_", "x.api key"}) {
    CHECK(hinted(0, "{\"" + key + "\":1}"));
  }
  CHECK(hinted(0, R"({\"api_key\":1})"));
  CHECK(hinted(1, R"({"accessToken":1})"));
  CHECK(hinted(2, R"({"secret_sauce":1})"));
  CHECK(hinted(3, R"({"EMail":1})"));
  CHECK(!hinted(0, R"({"api_keys":1})"));
}
