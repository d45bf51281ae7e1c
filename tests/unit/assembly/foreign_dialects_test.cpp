// Who acts on a level or a time acts on what was found in lines of other loggers, not on what a key
// "level" or "time" at the root may say: one test for each.
#include <deque>
#include <string>
#include <vector>

#include "input/intake.hpp"
#include "sinks/cloudwatch/cloudwatch_sink.hpp"
#include "sinks/elasticsearch/elasticsearch_sink.hpp"
#include "sinks/loki/loki_sink.hpp"
#include "sinks/otlp/otlp_encode.hpp"
#include "stage/choose/filter_chain.hpp"
#include "tests/unit/assembly/voyage.hpp"
#include "tests/unit/delivery/lane_rig.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/sinks/cloudwatch/strict_cloudwatch.hpp"
#include "tests/unit/sinks/loki/loki_decode.hpp"
#include "tests/unit/sinks/otlp/otlp_decode.hpp"

namespace ship {
namespace {

/// An ERROR of 2026-01-02T03:04:05.678Z as pino, ECS, Monolog, GELF and loguru write it, and as
/// text.
const std::string kErrors =
    R"({"level":50,"time":1767323045678,"pid":1,"hostname":"h","msg":"no"})"
    "\n"
    R"({"@timestamp":"2026-01-02T03:04:05.678Z","log":{"level":"error"},"message":"no","ecs":{"version":"1.2.0"}})"
    "\n"
    R"({"message":"no","context":{},"level":400,"level_name":"ERROR","channel":"app","datetime":"2026-01-02T03:04:05.678000+00:00"})"
    "\n"
    R"({"version":"1.1","host":"h","short_message":"no","timestamp":1767323045.678,"level":3})"
    "\n"
    R"({"text":"no","record":{"level":{"name":"ERROR","no":40},"message":"no","time":{"timestamp":1767323045.678}}})"
    "\n"
    "2026-01-02T03:04:05.678Z [ERROR] no\n";
/// The same as DEBUG; the number of Monolog's level would be worse than an ERROR elsewhere.
const std::string kDebugs =
    R"({"level":20,"time":1767323045678,"pid":1,"hostname":"h","msg":"no"})"
    "\n"
    R"({"@timestamp":"2026-01-02T03:04:05.678Z","log":{"level":"debug"},"message":"no","ecs":{"version":"1.2.0"}})"
    "\n"
    R"({"message":"no","context":{},"level":100,"level_name":"DEBUG","channel":"app","datetime":"2026-01-02T03:04:05.678000+00:00"})"
    "\n"
    R"({"version":"1.1","host":"h","short_message":"no","timestamp":1767323045.678,"level":7})"
    "\n"
    R"({"text":"no","record":{"level":{"name":"DEBUG","no":10},"message":"no","time":{"timestamp":1767323045.678}}})"
    "\n"
    "2026-01-02T03:04:05.678Z [DEBUG] no\n";
constexpr std::size_t kSources = 6;
constexpr std::int64_t kMillis = 1'767'323'045'678;

/// The records that an intake makes of lines.
class Records {
 public:
  explicit Records(std::string_view lines) {
    Intake intake({},
                  [this](std::span<const Record> batch) {
                    for (const Record& record : batch) {
                      records_.push_back(record);
                      records_.back().line = lines_.emplace_back(record.line);
                    }
                  },
                  {});
    intake.feed(lines);
    intake.end_input();
    REQUIRE(records_.size() == kSources);
  }
  std::span<const Record> all() const { return records_; }
  std::vector<Record> copy() const { return records_; }

 private:
  std::deque<std::string> lines_;
  std::vector<Record> records_;
};

std::size_t kept(const FilterSettings& settings, std::string_view lines) {
  ManualClock clock;
  auto chain = FilterChain::make(settings, clock, 1);
  REQUIRE(chain);
  const Records records(lines);
  std::vector<Record> batch = records.copy();
  chain.value()->filter(batch, true);
  return batch.size();
}

TEST_CASE("foreign dialects: Loki's label and time are those that were found", "[dialects][loki]") {
  FakeHttpClient::Log log;
  ManualClock clock;
  LokiSinkSettings settings;
  settings.transport.url = "http://loki:3100";
  const Records records(kErrors);
  auto sink = LokiSink::make(settings, {}, std::make_unique<FakeHttpClient>(log), clock,
                             [](LogLevel, const std::string&) {});
  REQUIRE(sink.value()->send(records.all(), {}).kind == Verdict::Kind::ok);
  const FakeHttpClient::Sent& sent = log.sent.at(0);
  const auto streams =
      testing::decode_push(sent.header("Content-Type"), sent.header("Content-Encoding"), sent.body);
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].labels.find(R"(level="ERROR")") != std::string::npos);
  REQUIRE(streams[0].entries.size() == kSources);
  for (const auto& entry : streams[0].entries) CHECK(entry.time / 1'000'000 == kMillis);
}

TEST_CASE("foreign dialects: Elasticsearch's @timestamp is the time that was found",
          "[dialects][elasticsearch]") {
  FakeHttpClient::Log log;
  log.answer(200, R"({"errors":false})");
  ElasticsearchSinkSettings settings;
  settings.transport.url = "http://es:9200";
  settings.index = "logs-%Y.%m.%d";
  const Records records(kErrors);
  auto sink = ElasticsearchSink::make(settings, std::make_unique<FakeHttpClient>(log));
  REQUIRE(sink.value()->send(records.all(), {}).kind == Verdict::Kind::ok);
  const std::string& body = log.sent.at(0).body;
  const std::string time = R"({"@timestamp":"2026-01-02T03:04:05.678)";
  std::size_t found = 0;
  for (std::size_t at = 0; (at = body.find(time, at)) != std::string::npos; ++at) ++found;
  CHECK(found == kSources);
  CHECK(body.find(R"("_index":"logs-2026.01.02")") != std::string::npos);
}

TEST_CASE("foreign dialects: CloudWatch's time is the one that was found",
          "[dialects][cloudwatch]") {
  testing::StrictCloudwatch server;
  CloudwatchSinkSettings settings;
  settings.transport.url = "http://logs:1/";
  settings.aws.service = "logs";
  settings.aws.region = "eu-central-1";
  settings.aws.access_key_id = "AKIDEXAMPLE";
  settings.aws.secret_access_key = Secret::literal("secret");
  settings.group = "g";
  settings.stream = "s";
  auto signer = std::make_unique<AwsSigner>(
      settings.aws, [](const char*) { return std::string(); }, make_curl_client, system_clock());
  const Records records(kErrors);
  auto sink = CloudwatchSink::make(settings, server.client(), std::move(signer), {"h", "1"});
  REQUIRE(sink.value()->send(records.all(), {}).kind == Verdict::Kind::ok);
  const auto& events = server.streams.at("g/s");
  REQUIRE(events.size() == kSources);
  for (const auto& event : events) CHECK(event.millis == kMillis);
}

TEST_CASE("foreign dialects: OTLP's severity, time and body are those that were found",
          "[dialects][otlp]") {
  OtlpEncoder encoder({});
  const Records records(kErrors);
  std::string body;
  encoder.encode(records.all(), 1, body);
  const auto decoded = testing::otlp_decode(body);
  REQUIRE(decoded.size() == kSources);
  for (const testing::OtlpRecord& record : decoded) {
    CAPTURE(record.text());
    CHECK(record.severity == 17);
    CHECK(static_cast<std::int64_t>(record.time / 1'000'000) == kMillis);
    CHECK(record.body.find("no\"") != std::string::npos);
    CHECK(record.body.find('{') == std::string::npos);
  }
}

TEST_CASE("foreign dialects: min_level looks at the level that was found", "[dialects][filter]") {
  FilterSettings settings;
  settings.min_level = 30;
  CHECK(kept(settings, kErrors) == kSources);
  CHECK(kept(settings, kDebugs) == 0);
}

TEST_CASE("foreign dialects: level in a condition is the level that was found",
          "[dialects][filter]") {
  FilterSettings settings;
  settings.where = "level >= ERROR and level = ERROR";
  CHECK(kept(settings, kErrors) == kSources);
  CHECK(kept(settings, kDebugs) == 0);
}

TEST_CASE("foreign dialects: what always passes a sampler passes by the level that was found",
          "[dialects][filter]") {
  FilterSettings settings;
  settings.sample.rate = 1e-9;
  CHECK(kept(settings, kErrors) == kSources);
  CHECK(kept(settings, kDebugs) == 0);
}

TEST_CASE("foreign dialects: records are routed by the level that was found",
          "[dialects][routing]") {
  SinkSettings errors = testing::sink("errors", "errors");
  errors.levels = {"ERROR"};
  SinkSettings debugs = testing::sink("debugs", "debugs");
  debugs.levels = {"DEBUG"};
  testing::Voyage voyage(testing::settings_of({errors, debugs}));
  voyage.write(kErrors + kDebugs + kErrors);
  voyage.close_input();
  CHECK(voyage.is_done(60'000));
  CHECK(voyage.ship->finish().undelivered == 0);
  auto lines = voyage.servers.lines();
  CHECK(lines["errors"].size() == 2 * kSources);
  CHECK(lines["debugs"].size() == kSources);
}

TEST_CASE("foreign dialects: protection and the counts by level follow the level that was found",
          "[dialects][lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.queue.size = kSources;
  Rig rig(settings, script);
  const Records debugs(kDebugs);
  const Records errors(kErrors);
  rig.lane.submit(debugs.all());
  rig.lane.submit(errors.all());
  const LaneCounts counts = rig.lane.snapshot().counts;
  CHECK(counts.evicted_by_severity[10] == kSources);
  CHECK(counts.protected_records.submitted == kSources);
  CHECK(counts.protected_records.dropped == 0);
}

}  // namespace
}  // namespace ship
