#include "sinks/terminal/logfmt.hpp"

#include <string>
#include <vector>

#include "record/probe.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

std::string logfmt(const std::string& line, const std::vector<std::string>& message_fields = {}) {
  Probe probe;
  const Finding finding = probe.probe(line);
  REQUIRE(finding.fault == Fault::none);
  Record record;
  record.line = line;
  record.time = finding.has_time ? finding.time : 1795338549624000000;
  record.level = finding.level;
  record.level_at = finding.level_at;
  record.level_size = finding.level_size;
  std::string out;
  append_logfmt(record, out, message_fields);
  return out;
}

}  // namespace

TEST_CASE("logfmt: time, level and message come first, then all the rest in its order",
          "[logfmt]") {
  CHECK(logfmt(R"({"log":{"context":{"correlation_id":"req-1","user":null},"data":{"n":18},)"
               R"("level":"ERROR","logger":"api","message":"order failed",)"
               R"("timestamp":"2026-11-22T09:09:09.624Z"},"schema_version":"1.1"})") ==
        "time=2026-11-22T09:09:09.624Z level=ERROR msg=\"order failed\" "
        "context.correlation_id=req-1 context.user=null data.n=18 logger=api "
        "schema_version=1.1\n");
}

TEST_CASE("logfmt: the message is at a path of the user's before the known places", "[logfmt]") {
  const std::string begin = "time=2026-11-22T09:09:09.624Z level=INFO ";
  const std::vector<std::string> fields = {"none", "meta.text"};
  CHECK(logfmt(R"({"msg":"a","meta":{"text":"b"}})", fields) == begin + "msg=b msg=a\n");
  CHECK(logfmt(R"({"msg":"a","meta":{"text":""}})", fields) == begin + "msg=a meta.text=\"\"\n");
}

TEST_CASE("logfmt: what would break a word is quoted and escaped", "[logfmt]") {
  const std::string begin = "time=2026-11-22T09:09:09.624Z level=INFO ";
  CHECK(logfmt(R"({"a":""})") == begin + "a=\"\"\n");
  CHECK(logfmt(R"({"a":"x y"})") == begin + "a=\"x y\"\n");
  CHECK(logfmt(R"({"a":"x=y"})") == begin + "a=\"x=y\"\n");
  CHECK(logfmt(R"({"a":"say \"hi\""})") == begin + "a=\"say \\\"hi\\\"\"\n");
  CHECK(logfmt(R"({"a":"C:\\x"})") == begin + "a=\"C:\\\\x\"\n");
  CHECK(logfmt(R"({"a":"1\n2\t\u001b"})") == begin + "a=\"1\\n2\\t\\u001b\"\n");
  CHECK(logfmt(R"({"a":[1,"b c"],"d":{}})") == begin + "a=\"[1,\\\"b c\\\"]\" d={}\n");
  CHECK(logfmt(R"({"a":"größe","b":true,"c":null,"d":1.50})") ==
        begin + "a=größe b=true c=null d=1.50\n");
}

TEST_CASE("logfmt: a key never breaks a word", "[logfmt]") {
  CHECK(logfmt(R"({"a b=\"c\u001b":1,"":{"x":2}})") ==
        "time=2026-11-22T09:09:09.624Z level=INFO a_b__c_=1 .x=2\n");
}

TEST_CASE("logfmt: the digits of the time and the level's own name are kept", "[logfmt]") {
  CHECK(logfmt(R"({"ts":"2026-11-22T09:09:09.123456789Z","lvl":"Notice","msg":"m"})") ==
        "time=2026-11-22T09:09:09.123456789Z level=Notice msg=m\n");
  CHECK(logfmt(R"({"time":1795338549624,"level":30,"msg":"m"})") ==
        "time=2026-11-22T09:09:09.624Z level=INFO msg=m\n");
}

TEST_CASE("logfmt: S11: what a terminal obeys is shown as an escape", "[logfmt]") {
  CHECK(logfmt("{\"a\":\"x\u009by\u202ez\u007f\",\"k\u202e\":1}") ==
        "time=2026-11-22T09:09:09.624Z level=INFO a=\"x\\u009by\\u202ez\\u007f\" k\\u202e=1\n");
}

TEST_CASE("logfmt: D3: half a surrogate pair is U+FFFD", "[logfmt]") {
  CHECK(logfmt(R"({"a":"\ud800x"})") ==
        "time=2026-11-22T09:09:09.624Z level=INFO a=\xef\xbf\xbdx\n");
}

}  // namespace ship
