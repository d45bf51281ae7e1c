#include "record/field.hpp"

#include <fstream>

#include "tests/catch.hpp"

namespace ship {
namespace {

Field find(const std::string& path, std::string_view line) {
  static std::unique_ptr<FieldFinder> finder;  // keeps what the views point to
  finder = std::make_unique<FieldFinder>(std::vector<std::string>{path});
  return finder->find(line)[0];
}

std::string text(const std::string& path, std::string_view line) {
  return std::string(find(path, line).text);
}

}  // namespace

TEST_CASE("fields: a value comes as it stands and without its escapes", "[field]") {
  const std::string line =
      R"({"t" : "a\"\u00e9\ud83e\udd80" ,"n": -1.50e3 , "b":true, "z":null, "o": {"x":[1, 2]} ,"a" : [ {} ] ,"e":"","h":"x\ud800"})";
  Field field = find("t", line);
  CHECK(field.kind == JsonKind::string);
  CHECK(field.raw == R"("a\"\u00e9\ud83e\udd80")");
  CHECK(field.text == "a\"é🦀");
  CHECK(field.raw.data() >= line.data());
  CHECK(field.raw.data() < line.data() + line.size());
  field = find("n", line);
  CHECK(field.kind == JsonKind::number);
  CHECK(field.text == "-1.50e3");
  field = find("b", line);
  CHECK(field.kind == JsonKind::boolean);
  CHECK(field.text == "true");
  CHECK(find("z", line).kind == JsonKind::null);
  CHECK(find("z", line).raw == "null");
  CHECK(find("z", line).text.empty());
  field = find("o", line);
  CHECK(field.kind == JsonKind::object);
  CHECK(field.text == R"({"x":[1, 2]})");
  field = find("a", line);
  CHECK(field.kind == JsonKind::array);
  CHECK(field.text == "[ {} ]");
  CHECK(find("e", line).kind == JsonKind::string);
  CHECK(text("e", line).empty());
  CHECK(text("h", line) == "x\xef\xbf\xbd");  // D3: as every other reader has it
  CHECK(find("missing", line).kind == JsonKind::none);
}

TEST_CASE("fields: dots go into objects, and are part of keys", "[field]") {
  CHECK(text("a.b.c", R"({"a":{"b":{"c":1}}})") == "1");
  CHECK(text("a.b.c", R"({"a":{"b.c":2}})") == "2");
  CHECK(text("a.b.c", R"({"a.b":{"c":3}})") == "3");
  CHECK(text("a.b.c", R"({"a.b.c":4})") == "4");
  CHECK(text("a.b.c", R"({"a":{"b":{"x":0}},"a.b":{"c":5}})") == "5");
  CHECK(text("a.b", R"({"a":1,"a.b":2})") == "2");
  CHECK(find("a.b", R"({"a":{"bb":1},"ab":2,"a":[{"b":3}]})").kind == JsonKind::none);
  CHECK(text("k\"ey", R"({"k\"ey":1})") == "1");
}

TEST_CASE("fields: the nearest place counts", "[field]") {
  CHECK(text("x",
             R"({"data":{"x":8},"diagnostics":{"x":7},"context":{"x":6},)"
             R"("log":{"data":{"x":5},"diagnostics":{"x":4},"context":{"x":3},"x":2},"x":1})") ==
        "1");
  CHECK(text("x", R"({"context":{"x":6},"log":{"data":{"x":5},"x":2}})") == "2");
  CHECK(
      text(
          "x",
          R"({"context":{"x":6},"log":{"data":{"x":5},"diagnostics":{"x":4},"context":{"x":3}}})") ==
      "3");
  CHECK(text("x", R"({"context":{"x":6},"log":{"data":{"x":5},"diagnostics":{"x":4}}})") == "4");
  CHECK(text("x", R"({"context":{"x":6},"log":{"data":{"x":5}}})") == "5");
  CHECK(text("x", R"({"data":{"x":8},"diagnostics":{"x":7},"context":{"x":6}})") == "6");
  CHECK(text("x", R"({"data":{"x":8},"diagnostics":{"x":7}})") == "7");
  CHECK(text("x", R"({"data":{"x":8}})") == "8");
  CHECK(text("x", R"({"x":null,"data":{"x":8}})") == "8");
  CHECK(find("x", R"({"log":{"log":{"x":1},"other":{"x":1},"data":{"data":{"x":1}}}})").kind ==
        JsonKind::none);
}

TEST_CASE("fields: a whole path is found as well as a short one", "[field]") {
  const std::string line =
      R"({"log":{"context":{"message_id":"m"},"diagnostics":{"exception":{"error.type":"KeyError"},"service":"api"},"logger":"l"}})";
  CHECK(text("log.diagnostics.service", line) == "api");
  CHECK(text("diagnostics.service", line) == "api");
  CHECK(text("service", line) == "api");
  CHECK(text("log.logger", line) == "l");
  CHECK(text("logger", line) == "l");
  CHECK(text("message_id", line) == "m");
  CHECK(text("diagnostics.exception.error.type", line) == "KeyError");
  CHECK(text("exception.error.type", line) == "KeyError");
  CHECK(find("log", line).kind == JsonKind::object);
}

TEST_CASE("fields: many paths are found in one pass, objects and their members alike", "[field]") {
  FieldFinder finder({"a", "a.b", "a.b", "c", "a.b.d"});
  const auto fields = finder.find(R"({"a":{"b":{"d":1},"x":{}},"c":"z"})");
  CHECK(fields[0].text == R"({"b":{"d":1},"x":{}})");
  CHECK(fields[1].text == R"({"d":1})");
  CHECK(fields[2].text == R"({"d":1})");
  CHECK(fields[3].text == "z");
  CHECK(fields[4].text == "1");
}

TEST_CASE("fields: with duplicate keys the last one counts", "[field]") {
  CHECK(text("a", R"({"a":1,"a":2})") == "2");
}

TEST_CASE("fields: null counts only where there is nothing else", "[field]") {
  Field field = find("x", R"({"x":null})");
  CHECK(field.kind == JsonKind::null);
  CHECK(field.from_root);
  field = find("x", R"({"log":{"x":1},"x":null})");
  CHECK(field.text == "1");
  CHECK(!field.from_root);
  CHECK(find("x.y", R"({"x":{"y":true}})").from_root);
}

TEST_CASE("fields: an array's elements come one by one, as they stand", "[field]") {
  std::vector<std::string> elements;
  const auto take = [&](std::string_view element) { elements.emplace_back(element); };
  CHECK(for_each_element(R"( [1 , "a\"]", {"b": [2]} ,[3, []],null] )", take));
  CHECK(elements == std::vector<std::string>{"1", R"("a\"]")", R"({"b": [2]})", "[3, []]", "null"});
  elements.clear();
  CHECK(for_each_element("[]", take));
  CHECK(elements.empty());
  for (const char* text : {"", "{}", "1", "[1"}) {
    CAPTURE(text);
    CHECK(!for_each_element(text, [](std::string_view) {}));
  }
}

TEST_CASE("fields: broken lines give what was read, and harm no other", "[field]") {
  FieldFinder finder({"a", "b"});
  for (const std::string_view line :
       {"", " ", "{", "[]", "1", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":"x)", "\xff{}",
        R"({"a":{"b":[})", R"({"a":1,})", R"({"a":tru,"b":nul})", "{\"a\":\"\\", R"({"b":"\u12)"}) {
    for (const Field& field : finder.find(line)) {
      if (field.raw.empty()) continue;
      CHECK(field.raw.data() >= line.data());
      CHECK(field.raw.data() + field.raw.size() <= line.data() + line.size());
    }
    CHECK(finder.find(R"({"b":7})")[1].text == "7");
    CHECK(finder.find(R"({"b":7})")[0].kind == JsonKind::none);
  }
  CHECK(finder.find(std::string(3000, '[')).size() == 2);
  const std::string deep =
      R"({"a":)" + std::string(900, '[') + std::string(900, ']') + R"(,"b":1})";
  CHECK(finder.find(deep)[1].text == "1");
}

TEST_CASE("fields: a very long line between short ones", "[field]") {
  FieldFinder finder({"b"});
  const std::string line = R"({"a":")" + std::string(5 << 20, 'x') + R"(","b":"end"})";
  for (int i = 0; i < 3; ++i) {
    CHECK(finder.find(line)[0].text == "end");
    CHECK(finder.find(R"({"b":"short"})")[0].text == "short");
  }
}

TEST_CASE("fields: every line that fapilog wrote has its message id and service", "[field]") {
  FieldFinder finder({"message_id", "diagnostics.service", "nothing.like.this"});
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  std::string line;
  std::size_t lines = 0;
  std::size_t found = 0;
  while (std::getline(file, line)) {
    ++lines;
    const auto fields = finder.find(line);
    found += fields[0].text.size() == 36 && !fields[1].text.empty();
    CHECK(fields[2].kind == JsonKind::none);
  }
  CHECK(lines > 1000);
  CHECK(found == lines);
}

}  // namespace ship
