#include "sinks/splunk/splunk_sink.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

using namespace ship;

namespace {

using SplunkKind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PeerStep;

constexpr const char* kSplunkToken = "0f1e2d3c-token";
constexpr const char* kSuccess = R"({"text":"Success","code":0})";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string event_of(std::string_view envelope) {
  FieldFinder finder({"event"});
  return std::string(finder.find(envelope)[0].raw);
}

std::unique_ptr<Sink> made_splunk(const SplunkSinkSettings& settings,
                                  std::unique_ptr<HttpClient> client, const Labels& labels = {}) {
  Result<std::unique_ptr<Sink>> sink =
      SplunkSink::make(settings, labels, "web-1", std::move(client));
  REQUIRE(sink);
  return std::move(sink).value();
}

class SplunkPeer final : public testing::HttpContractPeer {
 public:
  explicit SplunkPeer(Compression compression) : compression_(compression) { recover(); }
  std::unique_ptr<Sink> make_sink() override {
    SplunkSinkSettings settings;
    settings.transport = transport();
    settings.transport.username.clear();
    settings.transport.password = {};
    settings.transport.compression = compression_;
    settings.transport.bearer_token = Secret::literal(kSplunkToken);
    settings.transport.token_scheme = "Splunk";
    return made_splunk(settings, std::move(make_curl_client(settings.transport)).value());
  }
  void recover() override { script({PeerStep::answer(200, kSuccess)}); }
  std::vector<std::string> secrets() const override { return {kSplunkToken, kApiKey}; }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      CHECK(request.target == "/services/collector/event");
      CHECK(request.header("Authorization") == std::string("Splunk ") + kSplunkToken);
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (const std::string& line : lines_of(body)) all.push_back(event_of(line));
    }
    return all;
  }

 private:
  const Compression compression_;
};

/// A sink over a client without a network.
struct SplunkBench {
  FakeHttpClient::Log http;
  SplunkSinkSettings settings;
  Labels labels;
  std::unique_ptr<Sink> sink;

  SplunkBench() { settings.transport.url = "http://splunk:8088"; }
  Verdict send(const OwnedRecords& records) {
    if (!sink) sink = made_splunk(settings, std::make_unique<FakeHttpClient>(http), labels);
    return sink->send(records.records(), {});
  }
  void refuses(int code, int event) {
    http.answer(400, R"({"text":"Bad","code":)" + std::to_string(code) +
                         R"(,"invalid-event-number":)" + std::to_string(event) + "}");
  }
  void takes() { http.answer(200, kSuccess); }
  std::vector<std::string> events(std::size_t request) const {
    std::vector<std::string> all;
    for (const std::string& line : lines_of(http.sent.at(request).body)) {
      all.push_back(event_of(line));
    }
    return all;
  }
};

std::string items_text(const Verdict& verdict) {
  std::string text;
  for (const Verdict::Item& item : verdict.items) {
    text += std::to_string(item.index) + (item.retry ? "+" : "-");
  }
  return text;
}

std::string time_text(WallNanos time) {
  std::string text;
  append_splunk_time(text, time);
  return text;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("splunk sink: keeps the contract of sinks", "[sinks][splunk]") {
  testing::run_sink_contract([] { return std::make_unique<SplunkPeer>(Compression::none); });
}

TEST_CASE("splunk sink: keeps the contract of sinks with gzip", "[sinks][splunk]") {
  testing::run_sink_contract([] { return std::make_unique<SplunkPeer>(Compression::gzip); });
}

TEST_CASE("splunk sink: an event has the record's time, the operator's names, labels and identity",
          "[sinks][splunk]") {
  SplunkBench bench;
  bench.settings.index = "app-{service}-%Y";
  bench.settings.source = "shop";
  bench.settings.sourcetype = "_json";
  bench.labels = {{"env", "pr\"od"}, {"empty", ""}};
  bench.takes();
  OwnedRecords records({R"({"service":"pay","n":1.50})", R"({"n":2})"});
  records.at(0).time = 1767323045'678000000;
  records.at(1).time = 1767323045'678901234;
  CHECK(bench.send(records).kind == SplunkKind::ok);
  const auto id = [&](std::size_t i) { return record_id_text(records.at(i).id); };
  CHECK(bench.http.sent.at(0).url == "http://splunk:8088/services/collector/event");
  CHECK(bench.http.sent.at(0).body ==
        R"({"time":1767323045.678,"host":"web-1","source":"shop","sourcetype":"_json",)"
        R"("index":"app-pay-2026","event":{"service":"pay","n":1.50},)"
        R"("fields":{"env":"pr\"od","fapilog_ship_id":")" +
            id(0) + "\"}}\n" +
            R"({"time":1767323045.678901,"host":"web-1","source":"shop","sourcetype":"_json",)"
            R"("index":"app-unknown-2026","event":{"n":2},)"
            R"("fields":{"env":"pr\"od","fapilog_ship_id":")" +
            id(1) + "\"}}");
  SplunkBench plain;
  plain.settings.id_field.clear();
  plain.takes();
  CHECK(plain.send(records).kind == SplunkKind::ok);
  CHECK(plain.http.sent.at(0).body.starts_with(
      R"({"time":1767323045.678,"host":"web-1","event":{"service":"pay","n":1.50}})"));
}

TEST_CASE("splunk sink: a time has no exponent, whatever its size", "[sinks][splunk]") {
  CHECK(time_text(0) == "0.000");
  CHECK(time_text(1'005'000'000) == "1.005");
  CHECK(time_text(1'000'050'000) == "1.000050");
  CHECK(time_text(-1'500'000'000) == "-1.500");
  CHECK(time_text(INT64_MIN) == "-9223372036.854775");
  CHECK(time_text(INT64_MAX) == "9223372036.854775");
}

TEST_CASE("splunk sink: no request is above 1 MB, and a longer event goes alone",
          "[sinks][splunk]") {
  SplunkBench bench;
  for (int i = 0; i < 9; ++i) bench.takes();
  std::vector<std::string> lines;
  for (int i = 0; i < 12; ++i) {
    const std::size_t size = i == 5 ? 1'500'000 : 300'000;
    lines.push_back(R"({"m":")" + std::string(size, 'a') + "\"}");
  }
  CHECK(bench.send(OwnedRecords(lines)).kind == SplunkKind::ok);
  std::size_t events = 0;
  for (std::size_t i = 0; i < bench.http.sent.size(); ++i) {
    const std::size_t count = bench.events(i).size();
    CHECK((count == 1 || bench.http.sent[i].body.size() <= 1'000'000));
    events += count;
  }
  CHECK(events == 12);
  CHECK(bench.http.sent.size() == 5);
}

TEST_CASE("splunk sink: poison is refused alone and no other event goes more than twice",
          "[sinks][splunk]") {
  SplunkBench bench;
  bench.refuses(6, 1);
  bench.takes();
  bench.refuses(13, 2);
  bench.takes();
  bench.takes();
  const Verdict verdict = bench.send(OwnedRecords(
      {R"({"n":0})", R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})", R"({"n":5})"}));
  CHECK(verdict.kind == SplunkKind::partial);
  CHECK(items_text(verdict) == "1-4-");
  CHECK(verdict.items[0].status == 400);
  CHECK(verdict.items[0].reason == "HTTP 400: Bad (code 6)");
  REQUIRE(bench.http.sent.size() == 5);
  CHECK(bench.events(1) == Texts{R"({"n":0})"});
  CHECK(bench.events(2) == Texts{R"({"n":2})", R"({"n":3})", R"({"n":4})", R"({"n":5})"});
  CHECK(bench.events(3) == Texts{R"({"n":2})", R"({"n":3})"});
  CHECK(bench.events(4) == Texts{R"({"n":5})"});
}

TEST_CASE("splunk sink: where the rest fails after poison was found, it goes again later",
          "[sinks][splunk]") {
  SplunkBench bench;
  bench.refuses(6, 1);
  bench.takes();
  bench.http.answer(503, R"({"text":"Server is busy","code":9})");
  const Verdict verdict =
      bench.send(OwnedRecords({R"({"n":0})", "{}", R"({"n":2})", R"({"n":3})"}));
  CHECK(verdict.kind == SplunkKind::partial);
  CHECK(items_text(verdict) == "1-2+3+");
  CHECK(verdict.items[1].status == 503);
  CHECK(verdict.status == 503);
}

TEST_CASE("splunk sink: a batch of nothing but poison ends, and none is sent twice",
          "[sinks][splunk]") {
  SplunkBench bench;
  for (int i = 0; i < 3; ++i) bench.refuses(13, 0);
  const Verdict verdict = bench.send(OwnedRecords({"{}", "{}", "{}"}));
  CHECK(verdict.kind == SplunkKind::partial);
  CHECK(items_text(verdict) == "0-1-2-");
  CHECK(bench.http.sent.size() == 3);
}

TEST_CASE("splunk sink: past a hundred culprits the rest waits for the next attempt",
          "[sinks][splunk]") {
  SplunkBench bench;
  for (int i = 0; i < 200; ++i) bench.refuses(13, 0);
  const Verdict verdict = bench.send(OwnedRecords(std::vector<std::string>(103, "{}")));
  CHECK(bench.http.sent.size() == 100);
  REQUIRE(verdict.items.size() == 103);
  CHECK(!verdict.items[99].retry);
  CHECK(verdict.items[100].retry);
}

TEST_CASE("splunk sink: events with an index that their data names wrongly are refused alone",
          "[sinks][splunk]") {
  SplunkBench bench;
  bench.settings.index = "{team}";
  bench.refuses(7, 1);
  bench.takes();
  const Verdict wrong = bench.send(OwnedRecords({R"({"team":"a"})", R"({"team":"b"})"}));
  CHECK(items_text(wrong) == "1-");
  CHECK(wrong.items[0].reason ==
        "HTTP 400: Bad (code 7; check index, and which ones the token may write): the index is "
        "\"b\"");
  SplunkBench fixed;
  fixed.settings.index = "nowhere";
  fixed.refuses(7, 1);
  const Verdict verdict = fixed.send(OwnedRecords({"{}", "{}"}));
  CHECK(verdict.kind == SplunkKind::hold);
  CHECK(verdict.reason ==
        "HTTP 400: Bad (code 7; check index, and which ones the token may write)");
}

TEST_CASE("splunk sink: the collector's own path is kept", "[sinks][splunk]") {
  SplunkBench bench;
  bench.settings.transport.url = "http://proxy/x/services/collector/";
  bench.takes();
  CHECK(bench.send(OwnedRecords({"{}"})).kind == SplunkKind::ok);
  CHECK(bench.http.sent.at(0).url == "http://proxy/x/services/collector");
}

TEST_CASE("splunk sink: the probe sends no event and tells by the collector's code",
          "[sinks][splunk]") {
  struct Row {
    int status;
    const char* body;
    const char* says;
  };
  const Row rows[] = {
      {400, R"({"text":"No data","code":5})", "takes the token"},
      {403, R"({"text":"Invalid token","code":4})", "HTTP 403"},
      {400, R"({"text":"Data channel is missing","code":10})", "indexer acknowledgement"},
      {200, "<html>", "is this Splunk's HTTP Event Collector?"},
  };
  for (const Row& row : rows) {
    SplunkBench bench;
    bench.http.answer(row.status, row.body);
    const auto sink = made_splunk(bench.settings, std::make_unique<FakeHttpClient>(bench.http));
    const Result<std::string> found = sink->probe({});
    const std::string text = found ? found.value() : found.error().message;
    INFO(text);
    CHECK(found.ok() == (std::string_view(row.says) == "takes the token"));
    CHECK(text.find(row.says) != std::string::npos);
    CHECK(bench.http.sent.at(0).body.empty());
  }
}
