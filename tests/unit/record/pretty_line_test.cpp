#include "record/pretty_line.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "record/probe.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct TimeZone {
  explicit TimeZone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~TimeZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

std::string json_of(std::string_view text) {
  const auto line = parse_pretty(text);
  REQUIRE(line.has_value());
  std::string out(max_pretty_size(text.size()), '\0');
  const Record record = write_pretty(out.data(), *line, Stream::standard_output, "made-here");
  CHECK(record.time == line->time);
  CHECK(record.level_name() == line->level_name);
  Probe probe;
  const Finding finding = probe.probe(record.line);
  CHECK(finding.fault == Fault::none);
  CHECK(finding.level == record.level);
  CHECK(finding.time == record.time);
  return std::string(record.line);
}

TEST_CASE("pretty line: level, time, message and pairs are taken apart", "[pretty]") {
  const TimeZone utc("UTC");
  CHECK(
      json_of("2026-11-22 09:09:12 | WARNING  | slow upstream message_id=6862 correlation_id=None "
              "user_id=u 1 logger=orders-api diagnostics.origin=native diagnostics.pid=7 "
              "data.text='two words' data.a.b={'x': [1, 'y z=1']}") ==
      R"({"log":{"context":{"message_id":"6862","correlation_id":null,"user_id":"u 1"},)"
      R"("data":{"text":"two words","a.b":"{'x': [1, 'y z=1']}"},)"
      R"("diagnostics":{"origin":"native","pid":"7","stream":"stdout"},)"
      R"("level":"WARNING","logger":"orders-api","message":"slow upstream",)"
      R"("timestamp":"2026-11-22T09:09:12.000Z"},"schema_version":"1.1"})");
}

TEST_CASE("pretty line: a line without pairs is all message", "[pretty]") {
  const TimeZone utc("UTC");
  CHECK(json_of("2026-11-22 09:09:12 | INFO     | a = b | c='d") ==
        R"({"log":{"context":{"message_id":"made-here"},"data":{},)"
        R"("diagnostics":{"origin":"native","stream":"stdout"},)"
        R"("level":"INFO","logger":"fapilog-ship","message":"a = b | c='d",)"
        R"("timestamp":"2026-11-22T09:09:12.000Z"},"schema_version":"1.1"})");
}

TEST_CASE("pretty line: the traceback in a quoted value becomes the exception's stack",
          "[pretty]") {
  const TimeZone utc("UTC");
  const std::string json = json_of(
      "2026-11-22 09:09:12 | ERROR    | failed message_id=1 "
      "diagnostics.exception.error.message='missing' "
      "diagnostics.exception.error.stack='Traceback (most recent call last):\n"
      "  File \"a.py\", line 1, in f\n    print('x y')\nKeyError: 'missing'\n' "
      "diagnostics.exception.error.frames=[{'code': 'a b=c'}] data.n=1");
  CHECK(
      json.find(R"("exception":{"error.message":"'missing'","error.stack":"Traceback (most recent)"
                R"( call last):\n  File \"a.py\", line 1, in f\n    print('x y')\nKeyError: )"
                R"('missing'\n","error.frames":"[{'code': 'a b=c'}]"})") != std::string::npos);
  CHECK(json.find(R"("data":{"n":"1"})") != std::string::npos);
}

TEST_CASE("pretty line: the traceback beneath a line becomes the exception's stack", "[pretty]") {
  const std::string json = json_of(
      "2026-11-22 09:09:12 | ERROR    | failed\nTraceback (most recent call last):\n"
      "  File \"a.py\", line 1, in f\nKeyError: 'x'\nContext: message_id=1 logger=app");
  CHECK(
      json.find(R"("error.stack":"Traceback (most recent call last):\n  File \"a.py\", line 1, in )"
                R"(f\nKeyError: 'x'")") != std::string::npos);
  CHECK(json.find(R"("logger":"app","message":"failed")") != std::string::npos);
}

TEST_CASE("pretty line: a level of one's own keeps its name", "[pretty]") {
  const auto line = parse_pretty("2026-11-22 09:09:12 | NOTICE   | x");
  REQUIRE(line);
  CHECK(line->level_name == "NOTICE");
  CHECK(line->level.name == LevelName::other);
  CHECK(parse_pretty("2026-11-22 09:09:12 | VERYLONGNAME | x")->level_name == "VERYLONGNAME");
}

TEST_CASE("pretty line: the time is in the machine's own zone", "[pretty]") {
  const TimeZone zone("Europe/Madrid");
  CHECK(parse_pretty("1970-01-02 01:00:00 | INFO     | x")->time == 86'400'000'000'000);
  CHECK(parse_pretty("2026-07-01 02:00:00 | INFO     | x")->time == 1782864000'000'000'000);
}

TEST_CASE("pretty line: what only looks like one is none", "[pretty]") {
  for (const char* text :
       {"", "2026-11-22 09:09:12 | INFO", "2026-11-22 09:09:12 | INFO | ",
        "2026-11-22 09:09:12 - INFO     | x", "2026-13-22 09:09:12 | INFO     | x",
        "2026-11-22 09:09:12 |  | x", "x026-11-22 09:09:12 | INFO     | x",
        "2026-11-22 09:09:12 | a text with a bar far behind it, much longer than a level | x"}) {
    INFO(text);
    const bool expected = std::string_view(text) == "2026-11-22 09:09:12 | INFO | ";
    CHECK(parse_pretty(text).has_value() == expected);
  }
}

bool open_after(const std::vector<std::string>& lines) {
  PrettyExtent extent;
  extent.begin(lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) extent.add(lines[i]);
  return extent.open();
}

TEST_CASE("pretty line: it is known whether an event goes on in the next line", "[pretty]") {
  const std::string start = "2026-11-22 09:09:12 | INFO     | it's";
  CHECK_FALSE(open_after({start + " message_id=1 data.a='b c'"}));
  CHECK(open_after({start}));
  CHECK(open_after({start, "two lines"}));
  CHECK_FALSE(open_after({start, "two lines", "and message_id=1 data.a=b"}));
  CHECK_FALSE(open_after({start, "Traceback (most recent call last):", "Context: message_id=1"}));
  const std::string open = start + " message_id=1 data.b=c data.a='b c";
  CHECK(open_after({open}));
  CHECK(open_after({open, "KeyError: 'missing'", "    print('x y')"}));
  CHECK_FALSE(open_after({open, "KeyError: 'missing'", "' data.a=1"}));
  CHECK_FALSE(open_after({open, "'"}));
  CHECK_FALSE(open_after({open, "the end' data.a=1 data.b='c d'"}));
  CHECK(open_after({open, "the end' data.a=1 data.b='c d"}));
}

TEST_CASE("pretty line: the many pairs of a hostile line take linear time", "[pretty]") {
  for (const char* pair : {"a=[ ", "a='b ", "a=[]x ", "=", "a= ", "' a=", "a=[b=]x "}) {
    std::string text = "2026-11-22 09:09:12 | INFO     | x message_id=1 ";
    while (text.size() < 1'000'000) text += pair;
    CHECK(json_of(text).size() > 100);
    PrettyExtent extent;
    extent.begin(text);
    extent.add(text);
    extent.add("x'" + text);
  }
}

TEST_CASE("pretty line: what fapilog really wrote is read", "[pretty]") {
  std::ifstream file(std::string(SHIP_TEST_DATA) + "/fapilog-dev-pretty.log");
  std::string text;
  std::vector<std::string> events;
  PrettyExtent extent;
  for (std::string line; std::getline(file, line);) {
    if (is_pretty_head(line)) {
      if (!events.empty()) CHECK_FALSE(extent.open());
      events.push_back(line);
      extent.begin(line);
    } else {
      CHECK(extent.open());
      extent.add(line);
      events.back() += "\n" + line;
    }
  }
  REQUIRE(events.size() == 60);
  for (const std::string& event : events) {
    const std::string json = json_of(event);
    CHECK(json.find("\"message_id\":\"made-here\"") == std::string::npos);
    CHECK(json.find("\"logger\":\"orders-api\"") != std::string::npos);
    CHECK(json.find("data.") == std::string::npos);
  }
}

}  // namespace
}  // namespace ship
