#include "sinks/gcp/gcp_sink.hpp"

#include "record/field.hpp"
#include "sinks/gcp/gcp_entry.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

using namespace ship;

namespace {

using GcpKind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PeerStep;

constexpr const char* kGoogleToken = "ya29.token-0123456789";
constexpr WallNanos kGcpNow = 1795338000000000000;  // as OwnedRecords begin

/// Tokens of a metadata server that is a list of answers.
std::unique_ptr<GoogleTokenSource> tokens_of(FakeHttpClient::Log& metadata, const Clock& clock) {
  return std::make_unique<GoogleTokenSource>(
      GoogleSettings{}, HttpTransport{}, [](const char*) { return std::string(); },
      [&metadata](const HttpTransport&) -> Result<std::unique_ptr<HttpClient>> {
        return {std::make_unique<FakeHttpClient>(metadata)};
      },
      clock);
}

void give_token(FakeHttpClient::Log& metadata, const std::string& token) {
  metadata.answer(200,
                  R"({"access_token":")" + token + R"(","expires_in":3599,"token_type":"Bearer"})");
}

GcpSinkSettings gcp_settings() {
  GcpSinkSettings settings;
  settings.transport.url = "http://gcp/v2/entries:write";
  settings.project = "my-proj";
  settings.log = "shop/web";
  return settings;
}

std::vector<std::string> payloads_of(const std::string& body) {
  std::vector<std::string> all;
  FieldFinder finder({"entries"});
  const std::string entries(finder.find(body)[0].raw);
  for_each_element(entries, [&](std::string_view entry) {
    FieldFinder payload({"jsonPayload"});
    all.emplace_back(payload.find(entry)[0].raw);
  });
  return all;
}

class GcpPeer final : public testing::HttpContractPeer {
 public:
  explicit GcpPeer(Compression compression) : compression_(compression) {
    give_token(metadata_, kGoogleToken);
    recover();
  }
  std::unique_ptr<Sink> make_sink() override {
    GcpSinkSettings settings = gcp_settings();
    settings.transport = transport();
    settings.transport.username.clear();
    settings.transport.password = {};
    settings.transport.compression = compression_;
    Result<std::unique_ptr<Sink>> sink =
        GcpSink::make(settings, {}, std::move(make_curl_client(settings.transport)).value(),
                      tokens_of(metadata_, clock_), clock_, {});
    REQUIRE(sink);
    return std::move(sink).value();
  }
  void recover() override { script({PeerStep::answer(200, "{}")}); }
  std::size_t large_text() const override { return 250'000; }
  std::vector<std::string> secrets() const override { return {kGoogleToken, kApiKey}; }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      CHECK(request.header("Authorization") == std::string("Bearer ") + kGoogleToken);
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (std::string& payload : payloads_of(body)) all.push_back(std::move(payload));
    }
    return all;
  }

 private:
  const Compression compression_;
  FakeHttpClient::Log metadata_;
  ManualClock clock_;
};

struct GcpBench {
  FakeHttpClient::Log http;
  FakeHttpClient::Log metadata;
  GcpSinkSettings settings = gcp_settings();
  Labels labels;
  ManualClock clock;
  std::vector<std::string> said;
  std::unique_ptr<Sink> sink;

  GcpBench() {
    clock.set_wall(kGcpNow);
    give_token(metadata, kGoogleToken);
  }
  Sink& made() {
    if (!sink) {
      Result<std::unique_ptr<Sink>> result = GcpSink::make(
          settings, labels, std::make_unique<FakeHttpClient>(http), tokens_of(metadata, clock),
          clock, [this](LogLevel, std::string text) { said.push_back(std::move(text)); });
      REQUIRE(result);
      sink = std::move(result).value();
    }
    return *sink;
  }
  Verdict send(const OwnedRecords& records) { return made().send(records.records(), {}); }
};

}  // namespace

TEST_CASE("gcp sink: keeps the contract of sinks", "[sinks][gcp]") {
  testing::run_sink_contract([] { return std::make_unique<GcpPeer>(Compression::none); });
}

TEST_CASE("gcp sink: keeps the contract of sinks with gzip", "[sinks][gcp]") {
  testing::run_sink_contract([] { return std::make_unique<GcpPeer>(Compression::gzip); });
}

TEST_CASE("gcp sink: an entry has a fixed time and the record's identity, at each attempt the same",
          "[sinks][gcp]") {
  GcpBench bench;
  bench.settings.resource = "k8s_container";
  bench.settings.resource_labels = {{"cluster_name", "c1"}};
  bench.labels = {{"env", "prod"}};
  OwnedRecords records({R"({"trace_id":"4bf9","span_id":"00f0","n":1.50})"});
  records.at(0).time = 1767323045'678901234;
  records.at(0).level = kWarning;
  bench.http.answer(503);
  CHECK(bench.send(records).kind == GcpKind::retry);
  bench.clock.advance(std::chrono::minutes(3));
  CHECK(bench.send(records).kind == GcpKind::ok);
  CHECK(bench.http.sent.at(0).body == bench.http.sent.at(1).body);
  CHECK(bench.http.sent.at(0).body ==
        R"({"logName":"projects/my-proj/logs/shop%2Fweb","resource":{"type":"k8s_container",)"
        R"("labels":{"cluster_name":"c1"}},"labels":{"env":"prod"},"partialSuccess":true,)"
        R"("entries":[{"timestamp":"2026-01-02T03:04:05.678901234Z","severity":"WARNING",)"
        R"("insertId":")" +
            record_id_text(records.at(0).id) +
            R"(","trace":"projects/my-proj/traces/4bf9","spanId":"00f0",)"
            R"("jsonPayload":{"trace_id":"4bf9","span_id":"00f0","n":1.50}}]})");
}

TEST_CASE("gcp sink: a trace that names its project already stays as it is", "[sinks][gcp]") {
  GcpBench bench;
  const OwnedRecords records({R"({"trace_id":"projects/other/traces/4bf9"})"});
  CHECK(bench.send(records).kind == GcpKind::ok);
  CHECK(bench.http.sent.at(0).body.find(R"("trace":"projects/other/traces/4bf9")") !=
        std::string::npos);
}

TEST_CASE("gcp sink: each level has its severity", "[sinks][gcp]") {
  const std::pair<Level, std::string_view> rows[] = {{kTrace, "DEBUG"},
                                                     {kDebug, "DEBUG"},
                                                     {kInfo, "INFO"},
                                                     {kWarning, "WARNING"},
                                                     {kError, "ERROR"},
                                                     {kCritical, "CRITICAL"},
                                                     {kFatal, "CRITICAL"},
                                                     {kAudit, "NOTICE"},
                                                     {kSecurity, "WARNING"},
                                                     {Level{LevelName::other, 20}, "INFO"},
                                                     {Level{LevelName::other, 45}, "ERROR"}};
  for (const auto& [level, severity] : rows) {
    Record record;
    record.line = "{}";
    record.level = level;
    CHECK(gcp_severity(record) == severity);
  }
  const std::pair<const char*, std::string_view> words[] = {{R"({"level":"ALERT"})", "ALERT"},
                                                            {R"({"level":"emerg"})", "EMERGENCY"}};
  for (const auto& [line, severity] : words) {
    Record record;
    record.line = line;
    record.level = kCritical;
    record.level_at = 10;
    record.level_size = 5;
    CHECK(gcp_severity(record) == severity);
  }
}

TEST_CASE("gcp sink: an entry above 256 KB is refused alone, before the server says so",
          "[sinks][gcp]") {
  GcpBench bench;
  const std::string large = R"({"m":")" + std::string(262'144, 'a') + "\"}";
  const Verdict verdict = bench.send(OwnedRecords({"{}", large, "{}"}));
  CHECK(verdict.kind == GcpKind::partial);
  REQUIRE(verdict.items.size() == 1);
  CHECK(verdict.items[0].index == 1);
  CHECK(verdict.items[0].reason.find("256 KB") != std::string::npos);
  CHECK(payloads_of(bench.http.sent.at(0).body).size() == 2);
}

TEST_CASE("gcp sink: no request is above 10 MB", "[sinks][gcp]") {
  GcpBench bench;
  const std::string line = R"({"m":")" + std::string(200'000, 'a') + "\"}";
  CHECK(bench.send(OwnedRecords(std::vector<std::string>(120, line))).kind == GcpKind::ok);
  CHECK(bench.http.sent.size() == 3);
  for (const auto& sent : bench.http.sent) CHECK(sent.body.size() <= 10'000'000);
}

TEST_CASE("gcp sink: what is older than the log's retention is sent and said once",
          "[sinks][gcp]") {
  GcpBench bench;
  OwnedRecords records({"{}", "{}", "{}"});
  for (const std::size_t i : {0, 2}) records.at(i).time -= 31 * 24 * 3600'000'000'000;
  CHECK(bench.send(records).kind == GcpKind::ok);
  CHECK(bench.send(records).kind == GcpKind::ok);
  // Another worker's sink, of the same settings.
  bench.sink.reset();
  give_token(bench.metadata, kGoogleToken);
  CHECK(bench.send(records).kind == GcpKind::ok);
  REQUIRE(bench.said.size() == 1);
  CHECK(bench.said[0].find("30 days") != std::string::npos);
  GcpBench quiet;
  quiet.settings.retention_days = 0;
  CHECK(quiet.send(records).kind == GcpKind::ok);
  CHECK(quiet.said.empty());
}

TEST_CASE("gcp sink: a token that is refused is fetched anew, once", "[sinks][gcp]") {
  GcpBench bench;
  give_token(bench.metadata, "ya29.second");
  bench.http.answer(401, R"({"error":{"status":"UNAUTHENTICATED","message":"expired"}})");
  bench.http.answer(200, "{}");
  CHECK(bench.send(OwnedRecords({"{}"})).kind == GcpKind::ok);
  REQUIRE(bench.http.sent.size() == 2);
  CHECK(bench.http.sent[0].header("Authorization") == std::string("Bearer ") + kGoogleToken);
  CHECK(bench.http.sent[1].header("Authorization") == "Bearer ya29.second");
  GcpBench same;
  give_token(same.metadata, kGoogleToken);
  same.http.answer(401);
  CHECK(same.send(OwnedRecords({"{}"})).kind == GcpKind::hold);
  CHECK(same.http.sent.size() == 1);
}

TEST_CASE("gcp sink: without credentials it holds, and says where it looked", "[sinks][gcp]") {
  GcpBench bench;
  bench.metadata.answers.clear();
  bench.metadata.fail(ErrorKind::transient, "metadata.google.internal: cannot resolve");
  const Verdict verdict = bench.send(OwnedRecords({"{}"}));
  CHECK(verdict.kind == GcpKind::hold);
  CHECK(verdict.reason.find("GOOGLE_APPLICATION_CREDENTIALS") != std::string::npos);
  CHECK(bench.http.sent.empty());
}

TEST_CASE("gcp sink: the probe writes with dryRun, and no record", "[sinks][gcp]") {
  GcpBench bench;
  HttpResponse response;
  response.status = 200;
  response.body = "{}";
  response.content_type = "application/json; charset=UTF-8";
  bench.http.answers.emplace_back(response);
  const Result<std::string> found = bench.made().probe({});
  REQUIRE(found);
  CHECK(found.value() ==
        "may write to the log shop/web of my-proj (an entry with dryRun was taken)");
  CHECK(bench.http.sent.at(0).body.ends_with(R"(],"dryRun":true})"));
  GcpBench refused;
  refused.http.answer(403, R"({"error":{"status":"PERMISSION_DENIED","message":"no"}})");
  const Result<std::string> told = refused.made().probe({});
  REQUIRE(!told);
  CHECK(told.error().message.find("roles/logging.logWriter") != std::string::npos);
}
