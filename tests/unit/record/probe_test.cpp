#include "record/probe.hpp"

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "record/timestamp.hpp"
#include "tests/catch.hpp"
#include "tests/models/probe_model.hpp"

namespace ship {
namespace {

std::vector<std::string> fapilog_lines() {
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The findings for lines that stand in one block, as in an input.
std::vector<Finding> probe_block(Probe& probe, const std::vector<std::string>& lines,
                                 char behind = '\n') {
  std::string block;
  for (const std::string& line : lines) block += line + '\n';
  const std::size_t size = block.size();
  block.append(Probe::kPadding, behind);
  std::vector<Finding> findings;
  probe.begin(std::string_view(block).substr(0, size));
  std::size_t at = 0;
  for (const std::string& line : lines) {
    findings.push_back(probe.next({block.data() + at, line.size()}));
    at += line.size() + 1;
  }
  return findings;
}

Fault fault_of(std::string_view line) { return Probe().probe(line).fault; }

std::string nested(std::size_t depth) {
  std::string line = "{\"a\":";
  for (std::size_t i = 1; i < depth; ++i) line += '[';
  line += '1';
  for (std::size_t i = 1; i < depth; ++i) line += ']';
  return line + '}';
}

TEST_CASE("probe: every line that fapilog wrote is an object with its level and time", "[probe]") {
  Probe probe;
  const auto lines = fapilog_lines();
  REQUIRE(lines.size() == 4000);
  for (const std::string& line : lines) {
    const Finding finding = probe.probe(line);
    REQUIRE(finding.fault == Fault::none);
    REQUIRE(line.find("\"timestamp\":\"" + format_rfc3339(finding.time, 3)) != std::string::npos);
    REQUIRE(line.find("\"level\":\"" + line.substr(finding.level_at, finding.level_size) +
                      "\",\"logger\"") != std::string::npos);
  }
}

TEST_CASE("probe: one JSON object a line is valid, whatever it holds", "[probe]") {
  const std::string line = GENERATE(
      as<std::string>{}, "{}", " { } ", "{\"a\":{}}", "{\"\":\"\"}",
      "\t{\"a\" :\t[ ] , \"b\": [1 ,2]}", R"({"a":[[],{},[{}],null,true,false,"x"]})",
      R"({"a":-0,"b":0.5,"c":1e5,"d":-1.25E-10,"e":1E+2})",
      R"({"a":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"})",
      R"({"big":123456789012345678901234567890123})", R"({"far":1e999})", R"({"lone":"\ud800"})",
      R"({"low":"\udc00 \ud800x"})", "{\"utf8\":\"\xC3\xA9 \xE2\x98\x95 \xF0\x9F\x98\x80\"}",
      "{\"del\":\"\x7F\"}", R"({"a":1,"a":2})", "{\"a\":1}\r", "{\"a\"\r:1}", R"({"a":"{[}],:"})");
  CAPTURE(line);
  CHECK(fault_of(line) == Fault::none);
  CHECK(model::find(line).fault == Fault::none);
}

TEST_CASE("probe: a line that is anything else has a fault", "[probe]") {
  using std::string_literals::operator""s;
  const auto [line, fault] = GENERATE(table<std::string, Fault>({
      {"x", Fault::not_an_object},
      {"[]", Fault::not_an_object},
      {"\"a\"", Fault::not_an_object},
      {"1", Fault::not_an_object},
      {"null", Fault::not_an_object},
      {"}", Fault::not_an_object},
      {",{}", Fault::not_an_object},
      {"\xEF\xBB\xBF{}", Fault::not_an_object},
      {"{", Fault::grammar},
      {"{]", Fault::grammar},
      {"{\"a\"", Fault::grammar},
      {"{\"a\":", Fault::grammar},
      {"{\"a\":}", Fault::grammar},
      {"{\"a\":1", Fault::grammar},
      {"{\"a\":1,", Fault::grammar},
      {"{\"a\":1,}", Fault::grammar},
      {"{,}", Fault::grammar},
      {"{\"a\"}", Fault::grammar},
      {"{\"a\",1}", Fault::grammar},
      {"{\"a\":1 2}", Fault::grammar},
      {"{\"a\":1\"b\":2}", Fault::grammar},
      {"{\"a\":\"b\"\"c\":2}", Fault::grammar},
      {"{\"a\"\"b\":2}", Fault::grammar},
      {"{a:1}", Fault::grammar},
      {"{'a':1}", Fault::grammar},
      {"{1:1}", Fault::grammar},
      {"{\"a\":[1,]}", Fault::grammar},
      {"{\"a\":[,1]}", Fault::grammar},
      {"{\"a\":[1 2]}", Fault::grammar},
      {"{\"a\":[1}", Fault::grammar},
      {"{\"a\":[}]", Fault::grammar},
      {"{\"a\":{]}", Fault::grammar},
      {"{\"a\":{\"b\"}}", Fault::grammar},
      {"{\"a\":{\"b\":1,}}", Fault::grammar},
      {"{\"a\":NaN}", Fault::grammar},
      {"{\"a\":Infinity}", Fault::grammar},
      {"{\"a\":-Infinity}", Fault::grammar},
      {"{\"a\":nul}", Fault::grammar},
      {"{\"a\":nulll}", Fault::grammar},
      {"{\"a\":True}", Fault::grammar},
      {"{\"a\":truefalse}", Fault::grammar},
      {"{\"a\":01}", Fault::grammar},
      {"{\"a\":-}", Fault::grammar},
      {"{\"a\":+1}", Fault::grammar},
      {"{\"a\":.5}", Fault::grammar},
      {"{\"a\":5.}", Fault::grammar},
      {"{\"a\":1e}", Fault::grammar},
      {"{\"a\":1e+}", Fault::grammar},
      {"{\"a\":0x10}", Fault::grammar},
      {"{\"a\":1_000}", Fault::grammar},
      {"{\"a\":\"\\x\"}", Fault::grammar},
      {"{\"a\":\"\\u12\"}", Fault::grammar},
      {"{\"a\":\"\\u123g\"}", Fault::grammar},
      {"{\"a\":\"\\", Fault::grammar},
      {"{\"a\":1\\}", Fault::grammar},
      {"{\"a\":\"b}", Fault::grammar},
      {"{\"a\":\"\tb\"}", Fault::grammar},
      {"{\"a\":\"\0\"}"s, Fault::grammar},
      {"{\"a\":1\0}"s, Fault::grammar},
      {"{\"a\":1\x0C}", Fault::grammar},
      {"{\"a\"\x1A 1}", Fault::grammar},
      {"{\"a\":1\xC2\xA0}", Fault::grammar},
      {"{\"a\":1/**/}", Fault::grammar},
      {"{\"a\":\"\xFF\"}", Fault::encoding},
      {"{\"a\":\"\xC3\"}", Fault::encoding},
      {"{\"a\":\"\xC0\x80\"}", Fault::encoding},
      {"{\"a\":\"\xED\xA0\x80\"}", Fault::encoding},
      {"{\"a\":\"\xF4\x90\x80\x80\"}", Fault::encoding},
      {"{}{}", Fault::trailing},
      {"{} {}", Fault::trailing},
      {"{\"a\":1} x", Fault::trailing},
      {"{\"a\":1},", Fault::trailing},
      {"{\"a\":1}}", Fault::trailing},
      {"{}\0"s, Fault::trailing},
  }));
  CAPTURE(line);
  CHECK(fault_of(line) == fault);
  CHECK(model::find(line).fault != Fault::none);

  // Between neighbours of every kind the line stays what it is, and so do they.
  Probe probe;
  const std::string good = R"({"level":"error","x":"\n{\"}"})";
  for (const char behind : {'\n', '{', '}', '"', ',', '\\', '\xFF'}) {
    const auto findings = probe_block(probe, {line, good, line, line, "{}", line}, behind);
    for (const std::size_t i : {0, 2, 3, 5}) CHECK(findings[i].fault == fault);
    CHECK(findings[1].fault == Fault::none);
    CHECK(findings[1].level.name == LevelName::error);
    CHECK(findings[4].fault == Fault::none);
  }
}

TEST_CASE("probe: an object may nest 1024 deep and no deeper", "[probe]") {
  CHECK(fault_of(nested(1024)) == Fault::none);
  CHECK(fault_of(nested(1025)) == Fault::too_deep);
  CHECK(fault_of(nested(100'000)) == Fault::too_deep);
  CHECK(fault_of(std::string(100'000, '{')) == Fault::grammar);
  CHECK(model::find(nested(1024)).fault == Fault::none);
  CHECK(model::find(nested(1025)).fault != Fault::none);
  std::string objects;
  for (int i = 0; i < 1024; ++i) objects += "{\"a\":";
  CHECK(fault_of(objects + "1" + std::string(1024, '}')) == Fault::none);
  CHECK(fault_of("{\"log\":" + objects + "1" + std::string(1025, '}')) == Fault::too_deep);
}

TEST_CASE("probe: a document spread over lines is no object in any of them", "[probe]") {
  Probe probe;
  for (const Finding& finding :
       probe_block(probe, {"{", "\"a\": [", "{\"b\":", "2}", "],", "\"c\": {", "}", "}"})) {
    CHECK(finding.fault != Fault::none);
  }
  for (const Finding& finding :
       probe_block(probe, {"{\"a\":", "1}", "{\"a\"", ":1}", "{\"a\":1", "}"})) {
    CHECK(finding.fault != Fault::none);
  }
}

TEST_CASE("probe: lines may be left out", "[probe]") {
  Probe probe;
  const std::string block = "{\"a\":\"\\n\"}\n\n{\"b\":\"\\x\"}\n  \n{\"c\":\"\\t\"}\n" +
                            std::string(Probe::kPadding, ' ');
  probe.begin(std::string_view(block).substr(0, block.size() - Probe::kPadding));
  CHECK(probe.next(std::string_view(block).substr(block.find("{\"c"), 10)).fault == Fault::none);
}

TEST_CASE("probe: a block larger than any before it is taken", "[probe]") {
  Probe probe;
  const std::string long_text(3 << 20, 'x');
  const auto findings =
      probe_block(probe, {"{\"a\":1}", "{\"a\":\"" + long_text + "\"}", "{\"b\":}"});
  CHECK(findings[0].fault == Fault::none);
  CHECK(findings[1].fault == Fault::none);
  CHECK(findings[2].fault == Fault::grammar);
}

// Random lines out of the pieces that matter, some of them broken, many to a block.
std::string random_line(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ",",
                                                   ":",
                                                   "\"",
                                                   "\\",
                                                   " ",
                                                   "\t",
                                                   "\r",
                                                   "{}",
                                                   "[]",
                                                   "\"a\":",
                                                   "\"log\":{",
                                                   "\"log\":",
                                                   "\"level\":",
                                                   "\"level\":\"WARN\"",
                                                   "\"level\":30",
                                                   "\"severity\":\"err\"",
                                                   "\"message\":\"x\"",
                                                   "\"timestamp\":\"2026-01-02T03:04:05Z\"",
                                                   "\"time\":1700000000.5",
                                                   "\"ts\":\"1700000000\"",
                                                   "\"@t\":",
                                                   "\"lvl\" : ",
                                                   "1",
                                                   "-1.5e3",
                                                   "0",
                                                   "true",
                                                   "false",
                                                   "null",
                                                   "\"x\"",
                                                   "\"\\n\"",
                                                   "\"\\u0041\"",
                                                   "\"\\u00",
                                                   "\xC3\xA9",
                                                   "\xFF",
                                                   "é",
                                                   "NaN",
                                                   "tru",
                                                   "01",
                                                   "\x01",
                                                   "x",
                                                   "\"level\":\"\\u0041\"",
                                                   "\"@l\":\"Error\"",
                                                   ",\"data\":{\"level\":\"FATAL\"}"};
  std::uniform_int_distribution<std::size_t> piece(0, kPieces.size() - 1);
  std::string line = random() % 8 ? "{" : "";
  const std::size_t pieces = random() % 12;
  for (std::size_t i = 0; i < pieces; ++i) {
    line += kPieces[piece(random)];
    if (random() % 3 == 0) line += ',';
  }
  if (random() % 4) line += '}';
  return line;
}

// A line of fapilog's with a few bytes changed, removed or doubled.
std::string mutated(std::string line, std::mt19937& random) {
  static const std::string kBytes =
      "{}[]\",:\\\0\x01\xFF\xC3 0e-.tfnu\r"
      "x";
  for (std::size_t n = random() % 3; n > 0 && !line.empty(); --n) {
    const std::size_t at = random() % line.size();
    switch (random() % 3) {
      case 0:
        line[at] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        line.erase(at, 1 + random() % 3);
        break;
      default:
        line.insert(at, 1, line[random() % line.size()]);
    }
  }
  return line;
}

TEST_CASE("probe: finds what a slow reader of each line for itself finds", "[probe][property]") {
  std::mt19937 random(20260102);
  const auto samples = fapilog_lines();
  Probe probe;
  std::size_t valid = 0;
  std::size_t all = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> lines;
    const bool from_samples = round % 2 == 0;
    for (std::size_t i = random() % 12; i-- > 0;) {
      std::string line =
          from_samples ? mutated(samples[random() % samples.size()], random) : random_line(random);
      if (line.find('\n') == std::string::npos && !line.empty()) lines.push_back(line);
    }
    const auto findings = probe_block(probe, lines, "{}\",:\\\n"[random() % 7]);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const Finding expected = model::find(lines[i]);
      if (!model::same(findings[i], expected)) {
        CAPTURE(lines, i, int(findings[i].fault), int(expected.fault));
        FAIL("the probe and the model differ");
      }
      valid += expected.fault == Fault::none;
      ++all;
    }
  }
  CHECK(valid > all / 8);
  CHECK(valid < all * 7 / 8);
}

}  // namespace
}  // namespace ship
