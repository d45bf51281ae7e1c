#include "sinks/otlp/otlp_json.hpp"

#include "sinks/otlp/otlp_encode.hpp"
#include "tests/catch.hpp"

using namespace ship;

TEST_CASE("otlp json: every kind of value is as the specification writes it", "[sinks][otlp]") {
  OtlpEncoder encoder(Labels{{"env", "a\"b"}});
  Record record;
  record.line = R"({"message":"m","t":true,"n":null,"i":9007199254740993,"d":2.5,"a":[1,"x",[]],)"
                R"("o":{"k":"v"},"trace_id":"4BF92f3577b34da6a3ce929d0e0e4736"})";
  record.time = 1;
  std::string body;
  encoder.encode({&record, 1}, 2, body);
  std::string json = otlp_json(body);
  const std::string version = std::string(R"("version":")") + SHIP_VERSION + "\"";
  REQUIRE(json.find(version) != std::string::npos);
  json.replace(json.find(version), version.size(), "V");
  CHECK(
      json ==
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"env","value":{"stringValue":)"
      R"("a\"b"}}]},"scopeLogs":[{"scope":{"name":"fapilog-ship",V},"logRecords":[)"
      R"({"timeUnixNano":"1","severityNumber":9,"severityText":"INFO",)"
      R"("body":{"stringValue":"m"},"attributes":[)"
      R"({"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"},)"
      R"({"arrayValue":{"values":[]}}]}}},)"
      R"({"key":"d","value":{"doubleValue":2.5}},)"
      R"({"key":"i","value":{"intValue":"9007199254740993"}},)"
      R"({"key":"n","value":{}},)"
      R"({"key":"o","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}},)"
      R"({"key":"t","value":{"boolValue":true}}],)"
      R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736","observedTimeUnixNano":"2"}]}]}]})");
}

TEST_CASE("otlp json: what is cut off gives what was before, and ends", "[sinks][otlp]") {
  OtlpEncoder encoder(Labels{});
  Record record;
  record.line = R"({"message":"m","a":[1,2,3]})";
  std::string body;
  encoder.encode({&record, 1}, 2, body);
  for (std::size_t size = 0; size < body.size(); ++size) {
    CHECK(otlp_json(body.substr(0, size)).starts_with(R"({"resourceLogs":[)"));
  }
  CHECK(otlp_json("") == R"({"resourceLogs":[]})");
}
