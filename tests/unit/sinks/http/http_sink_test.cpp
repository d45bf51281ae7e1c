#include "sinks/http/http_sink.hpp"

#include "sinks/http/webhook_signature.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

namespace ship {
namespace {

using Body = HttpSinkSettings::Body;
using testing::OwnedRecords;

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) throw std::runtime_error("no final newline");
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

class HttpPeer final : public testing::HttpContractPeer {
 public:
  explicit HttpPeer(Compression compression) : compression_(compression) {}

  std::unique_ptr<Sink> make_sink() override {
    HttpSinkSettings settings;
    settings.transport = transport();
    settings.transport.compression = compression_;
    settings.signing_secret = Secret::literal("sign-with-this");
    Result<std::unique_ptr<HttpClient>> client = make_curl_client(settings.transport);
    return std::make_unique<HttpSink>(settings, std::move(client).value(), system_clock());
  }

  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      const std::string text =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (std::string& line : split_lines(text)) all.push_back(std::move(line));
    }
    return all;
  }

  std::vector<std::string> secrets() const override {
    std::vector<std::string> all = HttpContractPeer::secrets();
    all.push_back("sign-with-this");
    return all;
  }

 private:
  Compression compression_;
};

/// A sink over a fake client.
struct Bench {
  FakeHttpClient::Log log;
  ManualClock clock;
  HttpSinkSettings settings;

  Bench() { settings.transport.url = "http://logs:8080/in"; }

  Verdict send(const OwnedRecords& records, std::string_view batch_id = "b-1") {
    HttpSink sink(settings, std::make_unique<FakeHttpClient>(log), clock);
    SendContext context;
    context.batch_id = batch_id;
    return sink.send(records.records(), context);
  }
};

}  // namespace

TEST_CASE("http sink: keeps the contract of sinks", "[sinks][http]") {
  const Compression compression = GENERATE(Compression::none, Compression::gzip, Compression::zstd);
  testing::run_sink_contract([&] { return std::make_unique<HttpPeer>(compression); });
}

TEST_CASE("http sink: records stand in the body byte for byte", "[sinks][http]") {
  Bench bench;
  const OwnedRecords two({R"({ "a" : 1 })", R"({"b":"é"})"});
  SECTION("ndjson") {
    bench.send(two);
    CHECK(bench.log.sent[0].body == "{ \"a\" : 1 }\n{\"b\":\"é\"}\n");
    CHECK(bench.log.sent[0].header("Content-Type") == "application/x-ndjson");
  }
  SECTION("array") {
    bench.settings.body = Body::array;
    bench.send(two);
    CHECK(bench.log.sent[0].body == R"([{ "a" : 1 },{"b":"é"}])");
    CHECK(bench.log.sent[0].header("Content-Type") == "application/json");
  }
  SECTION("array of one") {
    bench.settings.body = Body::array;
    bench.send(OwnedRecords({"{}"}));
    CHECK(bench.log.sent[0].body == "[{}]");
  }
  SECTION("wrapped") {
    bench.settings.body = Body::wrapped;
    bench.settings.wrapper_key = "the \"logs\"";
    bench.send(two);
    CHECK(bench.log.sent[0].body == R"({"the \"logs\"":[{ "a" : 1 },{"b":"é"}]})");
    CHECK(bench.log.sent[0].header("Content-Type") == "application/json");
  }
}

TEST_CASE("http sink: the request goes where and how the settings say", "[sinks][http]") {
  Bench bench;
  bench.settings.method = "PUT";
  const Verdict verdict = bench.send(OwnedRecords({"{}"}), "run1-7");
  CHECK(verdict.kind == Verdict::Kind::ok);
  CHECK(verdict.bytes_sent == 3);
  const FakeHttpClient::Sent& sent = bench.log.sent.at(0);
  CHECK(sent.method == "PUT");
  CHECK(sent.url == "http://logs:8080/in");
  CHECK(sent.header("Idempotency-Key") == "run1-7");
  CHECK(sent.header("Content-Encoding").empty());
  CHECK(sent.header("X-Fapilog-Signature-256").empty());
}

TEST_CASE("http sink: the signature covers the bytes that are sent", "[sinks][http]") {
  Bench bench;
  bench.settings.transport.compression = Compression::gzip;
  bench.settings.signing_secret = Secret::literal("key");
  bench.clock.set_wall(1700000000'999'999'999);
  bench.send(OwnedRecords({R"({"a":1})"}));
  const FakeHttpClient::Sent& sent = bench.log.sent.at(0);
  CHECK(sent.header("Content-Encoding") == "gzip");
  CHECK(testing::decompress("gzip", sent.body) == "{\"a\":1}\n");
  CHECK(sent.header("X-Fapilog-Timestamp") == "1700000000");
  CHECK(sent.header("X-Fapilog-Signature-256") ==
        webhook_signature("key", "1700000000", sent.body));
}

TEST_CASE("http sink: a signing secret that cannot be read holds the records", "[sinks][http]") {
  Bench bench;
  bench.settings.signing_secret = Secret::from_file("/nowhere/secret");
  const Verdict verdict = bench.send(OwnedRecords({"{}"}));
  CHECK(verdict.kind == Verdict::Kind::hold);
  CHECK(verdict.reason.find("/nowhere/secret") != std::string::npos);
  CHECK(bench.log.sent.empty());
}

TEST_CASE("http sink: the answer's verdict comes back", "[sinks][http]") {
  Bench bench;
  const OwnedRecords one({"{}"});
  bench.log.answer(413, "at most 1 MB");
  bench.log.fail(ErrorKind::transient, "logs:8080: no answer within 10 s");
  bench.log.fail(ErrorKind::config, "logs:8080: no token");
  Verdict verdict = bench.send(one);
  CHECK(verdict.kind == Verdict::Kind::split);
  CHECK(verdict.status == 413);
  CHECK(verdict.reason == "HTTP 413 Content Too Large: at most 1 MB");
  CHECK(verdict.bytes_sent == 3);
  verdict = bench.send(one);
  CHECK(verdict.kind == Verdict::Kind::retry);
  CHECK(verdict.reason == "logs:8080: no answer within 10 s");
  CHECK(verdict.bytes_sent == 0);
  CHECK(bench.send(one).kind == Verdict::Kind::hold);
}

}  // namespace ship
