#include "stage/choose/expression.hpp"

#include <string>

#include "record/probe.hpp"
#include "tests/catch.hpp"

using ship::Expression;
using ship::Record;

namespace {

Record record_of(const std::string& line) {
  const ship::Finding found = ship::Probe().probe(line);
  REQUIRE(found.fault == ship::Fault::none);
  Record record;
  record.line = line;
  record.level = found.level;
  record.level_at = found.level_at;
  record.level_size = found.level_size;
  return record;
}

bool holds(const std::string& expression, const std::string& line) {
  auto compiled = Expression::compile(expression);
  INFO(expression);
  if (!compiled) FAIL(compiled.error().message);
  return compiled.value().holds(record_of(line));
}

std::string error_of(const std::string& expression) {
  auto compiled = Expression::compile(expression);
  INFO(expression);
  REQUIRE(!compiled);
  CHECK(compiled.error().kind == ship::ErrorKind::config);
  const std::string& message = compiled.error().message;
  return message.substr(0, message.find('\n'));
}

const std::string kEnvelope =
    R"({"log":{"context":{"user_id":"u-7"},"data":{"status":503,"path":"/api/orders",)"
    R"("ms":10.5,"cached":true,"gone":null,"tags":["a","b\n"],"http.method":"GET"},)"
    R"("level":"ERROR","logger":"orders","message":"caf\u00e9 \"closed\""},"schema_version":"1.1"})";

}  // namespace

TEST_CASE("where: numbers are compared as numbers", "[where]") {
  CHECK(holds("data.status == 503", kEnvelope));
  CHECK(holds("data.status >= 500 and data.status < 600", kEnvelope));
  CHECK(!holds("data.status != 503", kEnvelope));
  CHECK(holds("data.ms > 10", kEnvelope));
  CHECK(holds("data.ms <= 1.05e1", kEnvelope));
  CHECK(holds("n == 9007199254740993", R"({"n":9007199254740993})"));
  CHECK(!holds("n == 9007199254740993", R"({"n":9007199254740992})"));
  CHECK(holds("n > -5", R"({"n":-4})"));
}

TEST_CASE("where: texts are compared byte by byte, escapes undone", "[where]") {
  CHECK(holds("data.path = '/api/orders'", kEnvelope));
  CHECK(holds(R"(message == "café \"closed\"")", kEnvelope));
  CHECK(holds("message contains 'closed'", kEnvelope));
  CHECK(holds("data.path starts_with '/api'", kEnvelope));
  CHECK(holds("data.path ends_with 'orders'", kEnvelope));
  CHECK(!holds("data.path not contains 'orders'", kEnvelope));
  CHECK(holds("timestamp >= '2026-11-22'", R"({"timestamp":"2026-11-22T09:09:09Z"})"));
}

TEST_CASE("where: contains looks for a whole element of an array", "[where]") {
  CHECK(holds(R"(data.tags contains "b\n")", kEnvelope));
  CHECK(!holds("data.tags contains 'b'", kEnvelope));
}

TEST_CASE("where: a value of another type is neither equal nor less nor more", "[where]") {
  CHECK(!holds("data.status == '503'", kEnvelope));
  CHECK(holds("data.status != '503'", kEnvelope));
  CHECK(!holds("data.path < 5", kEnvelope));
  CHECK(!holds("data.status contains '5'", kEnvelope));
  CHECK(!holds("nothing == 1", kEnvelope));
  CHECK(holds("nothing != 1", kEnvelope));
  CHECK(!holds("nothing < 1", kEnvelope));
}

TEST_CASE("where: exists, true, false and null", "[where]") {
  CHECK(holds("exists data.path", kEnvelope));
  CHECK(holds("exists(data.path)", kEnvelope));
  CHECK(holds("not exists data.other", kEnvelope));
  CHECK(holds("not exists data.gone", kEnvelope));
  CHECK(holds("data.gone == null", kEnvelope));
  CHECK(holds("data.other == null", kEnvelope));
  CHECK(holds("data.path != null", kEnvelope));
  CHECK(holds("data.cached", kEnvelope));
  CHECK(holds("data.cached and not data.gone", kEnvelope));
  CHECK(holds("data.cached == TRUE", kEnvelope));
  CHECK(holds("exists data", kEnvelope));
}

TEST_CASE("where: in takes one of several values", "[where]") {
  CHECK(holds("logger in ('billing', 'orders')", kEnvelope));
  CHECK(holds("data.status in (500,503)", kEnvelope));
  CHECK(holds("data.status not in (500, '503', null)", kEnvelope));
}

TEST_CASE("where: and binds tighter than or, not tightest", "[where]") {
  const std::string line = R"({"a":true,"b":false,"c":false})";
  CHECK(holds("a or b and c", line));
  CHECK(!holds("(a or b) and c", line));
  CHECK(holds("not b and a", line));
  CHECK(!holds("not (b or a)", line));
  CHECK(holds("!b && (a || c)", line));
  CHECK(holds("NOT b AND a", line));
}

TEST_CASE("where: levels are compared by severity, in whatever way they are written", "[where]") {
  CHECK(holds("level >= WARNING", kEnvelope));
  CHECK(holds("level == error", kEnvelope));
  CHECK(holds("level in ('warn', ERROR)", kEnvelope));
  CHECK(!holds("level > ERROR", kEnvelope));
  CHECK(holds("level < 41", kEnvelope));
  CHECK(holds("level == WARN", R"({"level":40,"time":1,"msg":"pino"})"));
  CHECK(holds("level == 'notice'", R"({"level":"NOTICE"})"));
  CHECK(!holds("level == INFO", R"({"level":"NOTICE"})"));
  CHECK(holds("level matches '^ERR'", kEnvelope));
}

TEST_CASE("where: matches searches with a linear-time regular expression", "[where]") {
  CHECK(holds(R"(data.path matches "^/api/\w+$")", kEnvelope));
  CHECK(holds("message matches '(?i)CLOSED'", kEnvelope));
  CHECK(!holds("data.status matches '5'", kEnvelope));
  const std::string line = R"({"m":")" + std::string(100000, 'a') + "\"}";
  CHECK(!holds("m matches '^(a+)+$b'", line));
}

TEST_CASE("where: names with dots and quoted names are found", "[where]") {
  CHECK(holds("data.http.method == 'GET'", kEnvelope));
  CHECK(holds("data.\"http.method\" == 'GET'", kEnvelope));
  CHECK(holds("\"user agent\".x == 1", R"({"user agent":{"x":1}})"));
  CHECK(holds("user-agent == 1", R"({"user-agent":1})"));
  CHECK(holds("@l == 'E'", R"({"@l":"E"})"));
}

TEST_CASE("where: the root wins over fapilog's envelope, which needs no naming", "[where]") {
  CHECK(holds("log.data.status == 503", kEnvelope));
  CHECK(holds("schema_version == '1.1'", kEnvelope));
  CHECK(holds("message == 'root'", R"({"log":{"message":"inside"},"message":"root"})"));
  CHECK(holds("message == 'root'", R"({"message":"root","log":{"message":"inside"}})"));
  CHECK(holds("user_id == 'u-7'", kEnvelope));
  CHECK(holds("status == 503", kEnvelope));
}

TEST_CASE("where: with duplicate keys the last one counts", "[where]") {
  CHECK(holds("a == 2", R"({"a":1,"a":2})"));
  CHECK(holds("a == 2", R"({"a":1,"\u0061":2})"));
}

TEST_CASE("where: an error names the column, what was found and what was expected", "[where]") {
  CHECK(error_of("") == "column 1: found the end, expected the name of a field");
  CHECK(error_of("a ==") ==
        "column 5: found the end, expected a number, a text in quotes, true, false or null");
  CHECK(error_of("a == b") ==
        "column 6: found 'b', expected a number, a text in quotes, true, false or null");
  CHECK(error_of("a == 1 b") == "column 8: found 'b', expected 'and', 'or' or the end");
  CHECK(error_of("a = > 1") ==
        "column 5: found '>', expected a number, a text in quotes, true, false or null");
  CHECK(error_of("(a == 1") == "column 8: found the end, expected 'and', 'or' or ')'");
  CHECK(error_of("a == 'x") == "column 6: the quote is not closed");
  CHECK(error_of("a contains 5") == "column 12: found '5', expected a text in quotes");
  CHECK(error_of("a < null") ==
        "column 5: found null, which has no order; expected a number or a text in quotes");
  CHECK(error_of("level >= 'LOUD'").substr(0, 53) ==
        "column 10: found 'LOUD', which is not a known level; ");
  CHECK(error_of("level == LOUD") ==
        "column 10: found 'LOUD', expected a level such as WARNING, or a number from 0 to 99");
  CHECK(error_of("a matches '('").find("column 11: '(' is not a regular expression") == 0);
  CHECK(error_of("a not == 1").find("column 7: found '=='") == 0);
  CHECK(error_of("a is 1").find("column 3: found 'is'") == 0);
  CHECK(error_of("a == 1.2.3").find("column 6: found '1.2.3'") == 0);
  CHECK(error_of("a ~ 1") == "column 3: found '~', which has no meaning here");
  CHECK(error_of("a in 5") == "column 6: found '5', expected '(' and a list of values");
  CHECK(error_of(std::string(20000, ' ')) == "the expression is longer than 16384 bytes");
  CHECK(error_of(std::string(200, '(')).find("column 101: the expression nests") == 0);
}

TEST_CASE("where: an error shows the place in the text", "[where]") {
  const auto compiled = Expression::compile("a == 1 b");
  CHECK(compiled.error().message.find("\n  a == 1 b\n         ^") != std::string::npos);
}
