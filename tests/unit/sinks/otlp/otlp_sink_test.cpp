#include "sinks/otlp/otlp_sink.hpp"

#include <map>

#include "record/probe.hpp"
#include "sinks/otlp/otlp_answer.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"
#include "tests/unit/sinks/otlp/otlp_decode.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using testing::otlp_decode;
using testing::OtlpRecord;
using testing::OwnedRecords;
using testing::PeerStep;

std::vector<OtlpRecord> encoded(std::span<const Record> records, Labels resource = {},
                                std::vector<std::string> message_fields = {}) {
  OtlpEncoder encoder(std::move(resource), std::move(message_fields));
  std::string body;
  encoder.encode(records, 1'000, body);
  return otlp_decode(body);
}

OtlpRecord encoded_line(const std::string& line) {
  const Finding found = Probe().probe(line);
  Record record;
  record.line = line;
  record.time = found.has_time ? found.time : 1795338000'000'000'000;
  record.level = found.level;
  record.level_at = found.level_at;
  record.level_size = found.level_size;
  return encoded(std::span(&record, 1)).at(0);
}

TEST_CASE("otlp: the body is at a path of the user's before the known places", "[otlp]") {
  Record record;
  record.line = R"({"msg":"a","meta":{"text":"b"}})";
  CHECK(encoded(std::span(&record, 1), {}, {"none", "meta.text"}).at(0).body == "\"b\"");
  CHECK(encoded(std::span(&record, 1), {}, {"meta.none"}).at(0).body == "\"a\"");
}

/// Notes which line each record came from, for the contract compares lines.
class NotingSink final : public Sink {
 public:
  NotingSink(std::unique_ptr<Sink> sink, std::map<std::string, std::string>& lines)
      : sink_(std::move(sink)), lines_(lines) {}
  Verdict send(std::span<const Record> records, const SendContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      lines_[encoded(records.subspan(i, 1)).at(0).text()] = records[i].line;
    }
    return sink_->send(records, context);
  }

 private:
  std::unique_ptr<Sink> sink_;
  std::map<std::string, std::string>& lines_;
};

class OtlpPeer final : public testing::HttpContractPeer {
 public:
  explicit OtlpPeer(Compression compression) : compression_(compression) {}
  std::unique_ptr<Sink> make_sink() override {
    OtlpSinkSettings settings;
    settings.transport = transport();
    settings.transport.compression = compression_;
    auto client = std::move(make_curl_client(settings.transport)).value();
    auto sink = OtlpSink::make(settings, {}, std::move(client), system_clock());
    REQUIRE(sink);
    return std::make_unique<NotingSink>(std::move(sink).value(), lines_);
  }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (const OtlpRecord& record : otlp_decode(body)) all.push_back(lines_[record.text()]);
    }
    return all;
  }

 private:
  Compression compression_;
  std::map<std::string, std::string> lines_;
};

}  // namespace

TEST_CASE("otlp sink: keeps the contract of sinks", "[sinks][otlp]") {
  const Compression compression = GENERATE(Compression::none, Compression::gzip);
  testing::run_sink_contract([&] { return std::make_unique<OtlpPeer>(compression); });
}

TEST_CASE("otlp encode: the library's envelope becomes a log record", "[sinks][otlp]") {
  const OtlpRecord record = encoded_line(
      R"({"log":{"context":{"correlation_id":"c","trace_id":"0AF7651916cd43dd8448eb211c80319c",)"
      R"("span_id":"b7ad6b7169203331"},"data":{"n":18,"f":1.5,"s":"\u00e4\n","b":true,"z":null,)"
      R"("l":[1,null,"",{"y":[],"e":{}}],"o":{"b":2,"a":1}},"diagnostics":{"host":"w"},"level":"WARNING",)"
      R"("logger":"api","message":"caf\u00e9 \"x\"","timestamp":"2026-11-22T09:09:09.624Z"},)"
      R"("schema_version":"1.1"})");
  CHECK(record.time == 1795338549624000000u);
  CHECK(record.observed == 1'000);
  CHECK(record.body == "\"café \\\"x\\\"\"");
  CHECK(record.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(record.span_id == "b7ad6b7169203331");
  CHECK(
      record.attributes ==
      R"("context.correlation_id":"c","data.b":true,"data.f":1.5,"data.l":[1,null,"",{"e":{},"y":[]}],)"
      R"("data.n":18,"data.o":{"a":1,"b":2},"data.s":"ä\n","data.z":null,)"
      R"("diagnostics.host":"w","logger":"api","schema_version":"1.1")");
  CHECK(record.resource.empty());
}

TEST_CASE("otlp encode: only the members that time and level were read from are left out",
          "[sinks][otlp]") {
  CHECK(encoded_line(R"({"timestamp":"2026-11-22T09:09:09Z","level":"INFO","message":"req",)"
                     R"("time":0.123,"severity":"billing","ts":"x17"})")
            .attributes == R"("severity":"billing","time":0.123,"ts":"x17")");
  CHECK(encoded_line(R"({"level":30,"time":1795338549624,"msg":"pino","severity":7})").attributes ==
        R"("severity":7)");
  CHECK(encoded_line(R"({"level":true,"time":"soon","message":"x"})").attributes ==
        R"("level":true,"time":"soon")");
}

TEST_CASE("otlp encode: other shapes, numbers that do not fit, ids that are none",
          "[sinks][otlp]") {
  CHECK(encoded_line(R"({"msg":"hi","time":1,"lvl":"x","traceId":"nope","n":1})").attributes ==
        R"("n":1,"time":1,"traceId":"nope")");
  CHECK(encoded_line(R"({"msg":"hi"})").body == "\"hi\"");
  CHECK(encoded_line(R"({"a":1})").body == R"("{\"a\":1}")");
  CHECK(encoded_line(R"({"message":{"k":1},"m":2})").attributes == R"("m":2,"message":{"k":1})");
  CHECK(encoded_line(R"({"a":9223372036854775807,"b":9223372036854775808,"c":1e400,"d":-0.5})")
            .attributes ==
        R"("a":9223372036854775807,"b":"9223372036854775808","c":"1e400","d":-0.5)");
  CHECK(encoded_line(R"({"trace_id":"00000000000000000000000000000000"})").trace_id.empty());
  CHECK(encoded_line(R"({"context":{"x":1},"context.x":2,"y":1,"y":2})").attributes ==
        R"("context.x":2,"y":2)");
  std::string deep = "1";
  for (int i = 0; i < 1000; ++i) deep = "[" + deep + "]";
  CHECK(encoded_line("{\"d\":" + deep + "}").attributes.size() > 1900);
  CHECK(encoded_line(R"({"s":"\ud800"})").attributes == "\"s\":\"\xEF\xBF\xBD\"");
}

TEST_CASE("otlp encode: body, ids and exception stand where the logger's dialect has them",
          "[sinks][otlp]") {
  const OtlpRecord serilog = encoded_line(
      R"({"@t":"2026-01-02T03:04:05.678Z","@mt":"failed {Id}","@l":"Error","@x":"E: no\n   at A",)"
      R"("@tr":"0af7651916cd43dd8448eb211c80319c","@sp":"b7ad6b7169203331","Id":7})");
  CHECK(serilog.body == "\"failed {Id}\"");
  CHECK(serilog.time == 1767323045678000000u);
  CHECK(serilog.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(serilog.span_id == "b7ad6b7169203331");
  CHECK(serilog.attributes == R"("Id":7,"exception.stacktrace":"E: no\n   at A")");

  const OtlpRecord pino = encoded_line(
      R"({"level":50,"time":1795908639174,"pid":1,"hostname":"h","err":{"type":"TypeError",)"
      R"("message":"no","stack":"TypeError: no\n    at f"},"msg":"failed"})");
  CHECK(pino.body == "\"failed\"");
  CHECK(pino.attributes ==
        R"("exception.message":"no","exception.stacktrace":"TypeError: no\n    at f",)"
        R"("exception.type":"TypeError","hostname":"h","pid":1)");

  // What they do not say stays as it was.
  const OtlpRecord more = encoded_line(
      R"({"level":50,"time":1795908639174,"pid":1,"hostname":"h","err":{"type":"E","code":7},"msg":"m"})");
  CHECK(more.attributes.find(R"("err":{"code":7,"type":"E"})") != std::string::npos);

  const OtlpRecord google = encoded_line(
      R"({"severity":"ERROR","message":"m","time":"2026-01-02T03:04:05Z",)"
      R"("logging.googleapis.com/trace":"projects/p/traces/0af7651916cd43dd8448eb211c80319c",)"
      R"("logging.googleapis.com/spanId":"b7ad6b7169203331"})");
  CHECK(google.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(google.span_id == "b7ad6b7169203331");
  CHECK(google.attributes.empty());
}

TEST_CASE("otlp encode: severity numbers are those of the specification", "[sinks][otlp]") {
  const auto number = [](const char* name) { return otlp_severity(*parse_level(name)); };
  CHECK(number("TRACE") == 1);
  CHECK(number("DEBUG") == 5);
  CHECK(number("INFO") == 9);
  CHECK(number("WARNING") == 13);
  CHECK(number("ERROR") == 17);
  CHECK(number("CRITICAL") == 21);
  CHECK(number("FATAL") == 21);
  CHECK(number("AUDIT") == 12);
  CHECK(number("SECURITY") == 16);
  CHECK(otlp_severity({LevelName::other, 20}) == 9);
}

TEST_CASE("otlp encode: the resource has the labels, and the record's service where they name none",
          "[sinks][otlp]") {
  OwnedRecords records(
      {R"({"log":{"diagnostics":{"service":"a"}}})", R"({"n":1})", R"({"service":"a","n":2})"});
  const auto found = encoded(records.records(), {{"team", "x"}});
  REQUIRE(found.size() == 3);
  CHECK(found[0].resource == R"("team":"x","service.name":"a")");
  CHECK(found[1].resource == R"("team":"x","service.name":"a")");
  CHECK(found[2].resource == R"("team":"x")");
  for (const OtlpRecord& record : encoded(records.records(), {{"service.name", "mine"}})) {
    CHECK(record.resource == R"("service.name":"mine")");
  }
}

TEST_CASE("otlp sink: path, content type, and the sink's attributes over the labels",
          "[sinks][otlp]") {
  for (const char* url : {"http://c:4318", "http://c:4318/", "http://c:4318/v1/logs"}) {
    FakeHttpClient::Log log;
    OtlpSinkSettings settings;
    settings.transport.url = url;
    settings.transport.compression = Compression::gzip;
    settings.resource_attributes = {{"env", "sink"}, {"more", "1"}};
    auto sink = OtlpSink::make(settings, {{"env", "all"}, {"app", "web"}},
                               std::make_unique<FakeHttpClient>(log), system_clock());
    REQUIRE(sink);
    CHECK(sink.value()->send(OwnedRecords({"{}"}).records(), {}).kind == Kind::ok);
    const FakeHttpClient::Sent& sent = log.sent.at(0);
    CHECK(sent.url == "http://c:4318/v1/logs");
    CHECK(sent.header("Content-Type") == "application/x-protobuf");
    CHECK(sent.header("Content-Encoding") == "gzip");
    CHECK(otlp_decode(testing::decompress("gzip", sent.body)).at(0).resource ==
          R"("env":"sink","app":"web","more":"1")");
  }
}

TEST_CASE("otlp answer: the specification's table to the letter", "[sinks][otlp]") {
  for (int status = 200; status < 600; ++status) {
    HttpResponse response;
    response.status = status;
    Kind expected = Kind::reject;
    if (status < 300) expected = Kind::ok;
    if (status / 100 == 3) expected = Kind::hold;
    if (status == 413) expected = Kind::split;
    if (status == 429 || (status >= 502 && status <= 504)) expected = Kind::retry;
    INFO(status);
    CHECK(classify_otlp_answer(response, 3).kind == expected);
  }
}

TEST_CASE("otlp answer: a partial success counts what was rejected, and is never sent again",
          "[sinks][otlp]") {
  HttpResponse response;
  response.status = 200;
  response.content_type = "application/x-protobuf";
  const auto verdict = [&](std::string body) {
    response.body = std::move(body);
    return classify_otlp_answer(response, 5);
  };
  using namespace std::string_literals;
  const Verdict two = verdict("\x0a\x09\x08\x02\x12\x05nope\n"s);
  CHECK(two.kind == Kind::partial);
  CHECK(two.unnamed_rejections == 2);
  CHECK(two.items.empty());
  CHECK(two.reason == "rejected 2 records: nope");
  CHECK(verdict("\x0a\x02\x08\x63"s).unnamed_rejections == 5);
  // Warnings without a rejection, nothing at all, garbage: stored.
  CHECK(verdict("\x0a\x06\x12\x04warn"s).kind == Kind::ok);
  CHECK(verdict("").kind == Kind::ok);
  CHECK(verdict("\x0a\x00"s).kind == Kind::ok);
  CHECK(verdict("\xff\xff\xff").kind == Kind::ok);
  // The right fields in another wire type than theirs.
  CHECK(verdict("\x0d\x09\x08\x02\x12\x05nope\n"s).kind == Kind::ok);
  CHECK(verdict("\x0a\x05\x0d\x01\x00\x00\x00"s).kind == Kind::ok);
  CHECK(verdict("\x0a\x02\x10\x01"s).kind == Kind::ok);
  const Verdict json =
      verdict(R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"x"}})");
  CHECK(json.unnamed_rejections == 3);
  CHECK(json.reason == "rejected 3 records: x");
  CHECK(verdict(R"({"partialSuccess":{"rejectedLogRecords":1}})").unnamed_rejections == 1);
  CHECK(verdict("{}").kind == Kind::ok);
  // An error's body is a Status.
  response.status = 400;
  CHECK(verdict("\x08\x03\x12\x03why"s).reason == "HTTP 400 Bad Request: why");
}

}  // namespace ship
