#include "record/logfmt_line.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/unit/allocations.hpp"

namespace ship {
namespace {

std::string fields(const std::string& line) { return std::string(LogfmtLine().fields(line)); }

TEST_CASE("logfmt line: its fields are an object, sorted, without level and time", "[logfmt]") {
  CHECK(fields("time=2026-01-02T03:04:05.678Z level=warn msg=\"order failed\" order_id=18") ==
        R"({"msg":"order failed","order_id":18})");
  CHECK(fields("ts=soon level=bad z=1 a=2") == R"({"a":2,"level":"bad","ts":"soon","z":1})");
  CHECK(fields("level=error level=info t=1767323045 time=x") == R"({"level":"info","time":"x"})");
}

TEST_CASE("logfmt line: quoted values are unescaped, empty ones are texts", "[logfmt]") {
  CHECK(fields(R"(a="say \"hi\"\n\\ é" b= c="")") == R"({"a":"say \"hi\"\n\\ é","b":"","c":""})");
  CHECK(fields("q=a=b== w=\\d") == R"({"q":"a=b==","w":"\\d"})");
}

TEST_CASE("logfmt line: plain numbers and booleans keep their type, all else is text", "[logfmt]") {
  CHECK(fields("a=1 b=-0.5 c=true d=\"1\" e=007 f=1e5 g=1. h=.5 i=12345678901234567 j=- k=0") ==
        R"({"a":1,"b":-0.5,"c":true,"d":"1","e":"007","f":"1e5","g":"1.","h":".5",)"
        R"("i":"12345678901234567","j":"-","k":0})");
}

TEST_CASE("logfmt line: of duplicate keys the last counts", "[logfmt]") {
  CHECK(fields("a=1 b=2 a=3") == R"({"a":3,"b":2})");
}

TEST_CASE("logfmt line: a line that is not logfmt as a whole has no fields", "[logfmt]") {
  for (const char* line :
       {"", "a=1", "plain text", "a=1 b", "done a=1 b=2", "a=\"open b=2", "a=\"x\"y b=1", "1=2 3=4",
        "a=x\"y b=1", "=1 b=2", "level=info msg=x: a b"}) {
    CAPTURE(line);
    CHECK(fields(line) == "{}");
  }
  std::string many;
  for (std::size_t i = 0; i <= LogfmtLine::kMostFields; ++i)
    many += "k" + std::to_string(i) + "=1 ";
  CHECK(fields(many) == "{}");
}

TEST_CASE("logfmt line: what is longer than allowed, as a line or as an object, has no fields",
          "[logfmt]") {
  LogfmtLine reader;
  CHECK(reader.fields("a=1 b=2", 7) == "{}");  // the object takes 13
  CHECK(reader.fields("a=1 b=2", 6) == "{}");
  CHECK(reader.fields("a=1 b=2", 13) == R"({"a":1,"b":2})");
}

TEST_CASE("logfmt line: allocates nothing after its first lines", "[logfmt]") {
  LogfmtLine reader;
  const std::string line =
      R"(time=2026-01-02T03:04:05Z level=info msg="a \"b\" which is long" n=1)";
  reader.fields(line);
  const auto before = allocations_of_this_thread();
  reader.fields(line);
  CHECK(allocations_of_this_thread() == before);
}

}  // namespace
}  // namespace ship
