#include "sinks/datadog/datadog_sink.hpp"

#include "sinks/datadog/datadog_answer.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

using namespace ship;

namespace {

using DatadogKind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PeerStep;

constexpr const char* kDatadogKey = "dd-key-0123456789";
constexpr WallNanos kDatadogNow = 1795338000000000000;  // as OwnedRecords begin

std::vector<std::string> messages_of(const std::string& body) {
  std::vector<std::string> all;
  for_each_element(body, [&](std::string_view log) {
    FieldFinder finder({"message"});
    all.emplace_back(finder.find(log)[0].text);
  });
  return all;
}

class DatadogPeer final : public testing::HttpContractPeer {
 public:
  explicit DatadogPeer(Compression compression) : compression_(compression) { recover(); }
  std::unique_ptr<Sink> make_sink() override {
    DatadogSinkSettings settings;
    settings.transport = transport();
    settings.transport.username.clear();
    settings.transport.password = {};
    settings.transport.compression = compression_;
    settings.transport.bearer_token = Secret::literal(kDatadogKey);
    settings.transport.token_header = "DD-API-KEY";
    settings.transport.token_scheme.clear();
    Result<std::unique_ptr<Sink>> sink = DatadogSink::make(
        settings, {}, "web-1", std::move(make_curl_client(settings.transport)).value(), clock_, {});
    REQUIRE(sink);
    return std::move(sink).value();
  }
  void recover() override { script({PeerStep::answer(202, "{}")}); }
  std::vector<std::string> secrets() const override { return {kDatadogKey, kApiKey}; }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      CHECK(request.header("DD-API-KEY") == kDatadogKey);
      CHECK(request.header("Authorization").empty());
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (std::string& message : messages_of(body)) all.push_back(std::move(message));
    }
    return all;
  }

 private:
  const Compression compression_;
  ManualClock clock_;
};

struct DatadogBench {
  FakeHttpClient::Log http;
  DatadogSinkSettings settings;
  Labels labels;
  ManualClock clock;
  std::vector<std::string> said;
  std::unique_ptr<Sink> sink;

  DatadogBench() {
    settings.transport.url = "http://dd/api/v2/logs";
    clock.set_wall(kDatadogNow);
  }
  Sink& made() {
    if (!sink) {
      Result<std::unique_ptr<Sink>> result = DatadogSink::make(
          settings, labels, "web-1", std::make_unique<FakeHttpClient>(http), clock,
          [this](LogLevel, std::string text) { said.push_back(std::move(text)); });
      REQUIRE(result);
      sink = std::move(result).value();
    }
    return *sink;
  }
  Verdict send(const OwnedRecords& records) { return made().send(records.records(), {}); }
};

}  // namespace

TEST_CASE("datadog sink: keeps the contract of sinks", "[sinks][datadog]") {
  testing::run_sink_contract([] { return std::make_unique<DatadogPeer>(Compression::none); });
}

TEST_CASE("datadog sink: keeps the contract of sinks with gzip", "[sinks][datadog]") {
  testing::run_sink_contract([] { return std::make_unique<DatadogPeer>(Compression::gzip); });
}

TEST_CASE("datadog sink: a log has the line as its message and what Datadog sorts by beside it",
          "[sinks][datadog]") {
  DatadogBench bench;
  bench.settings.source = "python";
  bench.settings.tags = {"team:shop", "a,b"};
  bench.labels = {{"env", "prod"}};
  OwnedRecords records({R"({"service":"pay","trace_id":"4bf9","span_id":7})"});
  records.at(0).level = kError;
  CHECK(bench.send(records).kind == DatadogKind::ok);
  CHECK(bench.http.sent.at(0).body ==
        R"([{"message":"{\"service\":\"pay\",\"trace_id\":\"4bf9\",\"span_id\":7}",)"
        R"("timestamp":1795338000000,"status":"error","hostname":"web-1","ddsource":"python",)"
        R"("ddtags":"env:prod,team:shop,a_b","service":"pay","dd.trace_id":"4bf9",)"
        R"("dd.span_id":"7"}])");
  DatadogBench named;
  named.settings.service = "shop";
  CHECK(named.send(records).kind == DatadogKind::ok);
  CHECK(named.http.sent.at(0).body.find(R"("service":"shop")") != std::string::npos);
  CHECK(named.http.sent.at(0).body.find(R"("service":"pay")") == std::string::npos);
}

TEST_CASE("datadog sink: each level has its status", "[sinks][datadog]") {
  const std::pair<Level, std::string_view> rows[] = {{kTrace, "debug"},
                                                     {kDebug, "debug"},
                                                     {kInfo, "info"},
                                                     {kWarning, "warn"},
                                                     {kError, "error"},
                                                     {kCritical, "critical"},
                                                     {kFatal, "critical"},
                                                     {kAudit, "notice"},
                                                     {kSecurity, "warn"},
                                                     {Level{LevelName::other, 20}, "info"},
                                                     {Level{LevelName::other, 45}, "error"}};
  for (const auto& [level, status] : rows) {
    Record record;
    record.line = "{}";
    record.level = level;
    CHECK(datadog_status(record) == status);
  }
  Record named;
  named.line = R"({"level":"Notice"})";
  named.level = {LevelName::other, 20};
  named.level_at = 10;
  named.level_size = 6;
  CHECK(datadog_status(named) == "notice");
}

TEST_CASE("datadog sink: no request has more than 1,000 logs or 5 MB", "[sinks][datadog]") {
  DatadogBench many;
  CHECK(many.send(OwnedRecords(std::vector<std::string>(2500, "{}"))).kind == DatadogKind::ok);
  REQUIRE(many.http.sent.size() == 3);
  CHECK(messages_of(many.http.sent[0].body).size() == 1000);
  CHECK(messages_of(many.http.sent[2].body).size() == 500);
  DatadogBench large;
  const std::string line = R"({"m":")" + std::string(900'000, 'a') + "\"}";
  CHECK(large.send(OwnedRecords(std::vector<std::string>(12, line))).kind == DatadogKind::ok);
  CHECK(large.http.sent.size() == 3);
  for (const auto& sent : large.http.sent) CHECK(sent.body.size() <= 5'000'000);
}

TEST_CASE("datadog sink: what the intake cuts or dates anew is sent and said once",
          "[sinks][datadog]") {
  DatadogBench bench;
  const std::string line = R"({"m":")" + std::string(1'000'000, 'a') + "\"}";
  OwnedRecords records({line, line, "{}", "{}"});
  for (const std::size_t i : {2, 3}) records.at(i).time -= 19 * 3600'000'000'000;
  CHECK(bench.send(records).kind == DatadogKind::ok);
  CHECK(bench.send(records).kind == DatadogKind::ok);
  // Another worker's sink, of the same settings.
  bench.sink.reset();
  CHECK(bench.send(records).kind == DatadogKind::ok);
  REQUIRE(bench.said.size() == 2);
  CHECK(bench.said[0].find("above the 1 MB") != std::string::npos);
  CHECK(bench.said[1].find("older than 18 hours") != std::string::npos);
}

TEST_CASE("datadog sink: a record that no request takes is refused and the others go",
          "[sinks][datadog]") {
  DatadogBench bench;
  const std::string huge = R"({"m":")" + std::string(5'000'000, 'a') + "\"}";
  const Verdict verdict = bench.send(OwnedRecords({"{}", huge, "{}"}));
  CHECK(verdict.kind == DatadogKind::partial);
  REQUIRE(verdict.items.size() == 1);
  CHECK(verdict.items[0].index == 1);
  CHECK(messages_of(bench.http.sent.at(0).body).size() == 2);
}

TEST_CASE("datadog answer: each status means what the API's documents say", "[sinks][datadog]") {
  const std::pair<int, DatadogKind> rows[] = {
      {202, DatadogKind::ok},    {200, DatadogKind::ok},    {301, DatadogKind::hold},
      {400, DatadogKind::split}, {401, DatadogKind::hold},  {403, DatadogKind::hold},
      {404, DatadogKind::hold},  {408, DatadogKind::retry}, {413, DatadogKind::split},
      {429, DatadogKind::retry}, {500, DatadogKind::retry}, {502, DatadogKind::retry},
      {503, DatadogKind::retry}, {504, DatadogKind::retry}};
  for (const auto& [status, kind] : rows) {
    HttpResponse response;
    response.status = status;
    response.body = R"({"errors":[{"detail":"In short:\n no","status":"x","title":"Bad"}]})";
    const Verdict verdict = classify_datadog_answer(response);
    INFO("HTTP " << response.status);
    CHECK(verdict.kind == kind);
    if (kind != DatadogKind::ok) {
      CHECK(verdict.reason.find("In short: no") != std::string::npos);
    }
  }
}

TEST_CASE("datadog sink: the probe sends no log and tells whether the key is taken",
          "[sinks][datadog]") {
  DatadogBench good;
  good.http.answer(202, "{}");
  CHECK(good.made().probe({}).value().find("takes the API key") == 0);
  CHECK(good.http.sent.at(0).body == "[]");
  DatadogBench bad;
  bad.http.answer(403, R"({"errors":[{"status":"403","title":"Forbidden"}]})");
  const Result<std::string> found = bad.made().probe({});
  REQUIRE(!found);
  CHECK(found.error().message.find("HTTP 403: Forbidden (check api_key") != std::string::npos);
}
