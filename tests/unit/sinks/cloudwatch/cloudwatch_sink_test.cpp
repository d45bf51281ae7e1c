#include "sinks/cloudwatch/cloudwatch_sink.hpp"

#include <random>

#include "record/timestamp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/sinks/cloudwatch/strict_cloudwatch.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PeerStep;
using testing::StrictCloudwatch;

constexpr WallNanos kHour = 3600'000'000'000;

CloudwatchSinkSettings settings_for(std::string stream) {
  CloudwatchSinkSettings settings;
  settings.transport.url = "http://logs:1/";
  settings.aws.service = "logs";
  settings.aws.region = "eu-central-1";
  settings.aws.access_key_id = "AKIDEXAMPLE";
  settings.aws.secret_access_key = Secret::literal("wJalrXUtnFEMI-secret");
  settings.group = "/app/web";
  settings.stream = std::move(stream);
  return settings;
}

std::unique_ptr<Sink> made(
    const CloudwatchSinkSettings& settings, std::unique_ptr<HttpClient> client,
    AwsCredentialSource::Variable variable = [](const char*) { return std::string(); }) {
  auto signer = std::make_unique<AwsSigner>(settings.aws, std::move(variable), make_curl_client,
                                            system_clock());
  Result<std::unique_ptr<Sink>> sink =
      CloudwatchSink::make(settings, std::move(client), std::move(signer), {"web-1", "42"});
  REQUIRE(sink);
  return std::move(sink).value();
}

class CloudwatchPeer final : public testing::HttpContractPeer {
 public:
  CloudwatchPeer() { recover(); }
  std::unique_ptr<Sink> make_sink() override {
    CloudwatchSinkSettings settings = settings_for("s");
    settings.transport = transport();
    settings.aws.session_token = Secret::literal(kToken);
    return made(settings, std::move(make_curl_client(settings.transport)).value());
  }
  void recover() override { script({PeerStep::answer(200, "{}")}); }
  std::vector<std::string> secrets() const override { return {kToken, "wJalrXUtnFEMI-secret"}; }
  std::size_t large_text() const override { return (1u << 20) - 500; }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      FieldFinder finder({"logEvents"});
      const std::string events(finder.find(request.body)[0].raw);
      for_each_element(events, [&](std::string_view event) {
        FieldFinder message({"message"});
        all.emplace_back(message.find(event)[0].text);
      });
    }
    return all;
  }

 private:
  static constexpr const char* kToken = "session-7f3a9912";
};

/// A sink in front of the strict server.
struct Bench {
  StrictCloudwatch server;
  CloudwatchSinkSettings settings = settings_for("s");
  std::unique_ptr<Sink> sink;

  Verdict send(const OwnedRecords& records) {
    if (!sink) sink = made(settings, server.client());
    Verdict verdict = sink->send(records.records(), {});
    for (const std::string& fault : server.faults) FAIL_CHECK("the request broke: " << fault);
    return verdict;
  }
  std::size_t stored() const {
    std::size_t count = 0;
    for (const auto& [name, events] : server.streams) count += events.size();
    return count;
  }
};

}  // namespace

TEST_CASE("cloudwatch sink: keeps the contract of sinks", "[sinks][cloudwatch]") {
  testing::run_sink_contract([] { return std::make_unique<CloudwatchPeer>(); });
}

TEST_CASE("cloudwatch sink: group, retention and stream are made on first need",
          "[sinks][cloudwatch]") {
  Bench bench;
  bench.settings.retention_days = 30;
  CHECK(bench.send(OwnedRecords({R"({"a":1})"})).kind == Kind::ok);
  CHECK(bench.server.actions == std::vector<std::string>{"PutLogEvents", "CreateLogStream",
                                                         "CreateLogGroup", "PutRetentionPolicy",
                                                         "CreateLogStream", "PutLogEvents"});
  CHECK(bench.server.groups.at("/app/web") == 30);
  CHECK(bench.server.streams.at("/app/web/s").at(0).message == R"({"a":1})");
  CHECK(bench.server.streams.at("/app/web/s").at(0).millis ==
        *parse_time("2026-11-22T09:00:00Z") / 1'000'000);
  CHECK(bench.send(OwnedRecords({R"({"a":2})"})).kind == Kind::ok);
  CHECK(bench.server.actions.size() == 7);
}

TEST_CASE("cloudwatch sink: what may not be made is held", "[sinks][cloudwatch]") {
  Bench bench;
  SECTION("no stream") {
    bench.settings.create_stream = false;
    bench.server.groups["/app/web"] = 0;
    CHECK(bench.send(OwnedRecords({"{}"})).kind == Kind::hold);
    CHECK(bench.server.actions.size() == 1);
  }
  SECTION("no group") {
    bench.settings.create_group = false;
    const Verdict verdict = bench.send(OwnedRecords({"{}"}));
    CHECK(verdict.kind == Kind::hold);
    CHECK(verdict.reason.find(
              "CreateLogStream: HTTP 400: ResourceNotFound: The specified log group") == 0);
  }
}

TEST_CASE("cloudwatch sink: another shipper may make the same at the same time",
          "[sinks][cloudwatch]") {
  Bench bench;
  bench.settings.retention_days = 7;
  bench.server.groups["/app/web"] = 0;
  bench.server.streams["/app/web/s"];
  bench.server.scripted = {StrictCloudwatch::error(400, "ResourceNotFoundException"),
                           StrictCloudwatch::error(400, "ResourceNotFoundException")};
  CHECK(bench.send(OwnedRecords({"{}"})).kind == Kind::ok);
  CHECK(bench.stored() == 1);
  CHECK(bench.server.groups["/app/web"] == 0);
}

TEST_CASE("cloudwatch sink: a throttled creation is a retry of the batch", "[sinks][cloudwatch]") {
  Bench bench;
  bench.server.scripted = {StrictCloudwatch::error(400, "ResourceNotFoundException"),
                           StrictCloudwatch::error(400, "ThrottlingException", "Rate exceeded")};
  CHECK(bench.send(OwnedRecords({"{}"})).kind == Kind::retry);
}

TEST_CASE("cloudwatch sink: stream names come from this process, the time and the record",
          "[sinks][cloudwatch]") {
  Bench bench;
  bench.settings.stream = "{host}/{pid}/%Y-%m-%d/{service}:*";
  OwnedRecords records({R"({"service":"a","host":"other"})", R"({"service":"b"})", R"({})"});
  records.at(1).time += 24 * kHour;
  CHECK(bench.send(records).kind == Kind::ok);
  std::vector<std::string> names;
  for (const auto& [name, events] : bench.server.streams) names.push_back(name);
  CHECK(names == std::vector<std::string>{"/app/web/web-1/42/2026-11-22/a--",
                                          "/app/web/web-1/42/2026-11-22/unknown--",
                                          "/app/web/web-1/42/2026-11-23/b--"});
}

TEST_CASE("cloudwatch sink: events are sent in the order of their time, ties in that of arrival",
          "[sinks][cloudwatch]") {
  Bench bench;
  OwnedRecords records({R"({"n":0})", R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  records.at(0).time += 10'000'000;
  records.at(2).time = records.at(1).time;
  CHECK(bench.send(records).kind == Kind::ok);
  std::string order;
  for (const auto& event : bench.server.streams["/app/web/s"]) order += event.message;
  CHECK(order == R"({"n":1}{"n":2}{"n":3}{"n":0})");
}

TEST_CASE("cloudwatch batch: any batch is dealt out whole, within the limits, in order",
          "[sinks][cloudwatch]") {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const std::size_t count = 1 + random() % (round < 3 ? 25'000 : 300);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i) {
      const bool huge = round % 5 == 0 && random() % 40 == 0;
      const std::size_t size =
          huge ? 1'048'540 + random() % 20 : 2 + random() % (round % 3 == 0 ? 30'000 : 30);
      lines.push_back(std::string(round < 3 ? 2 : size, 'x'));
      if (round > 2 && lines.size() > 100 && size > 20'000) break;
    }
    OwnedRecords owned(lines);
    std::vector<std::string> streams;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      owned.at(i).time += static_cast<WallNanos>(random() % 100) * kHour;
      if (random() % 50 == 0) owned.at(i).time = -1;
      streams.push_back(std::string(1, static_cast<char>('a' + random() % 2)));
    }
    std::vector<std::uint32_t> seen;
    const auto requests = deal_cloudwatch_batch(owned.records(), streams, seen);
    for (const std::uint32_t index : seen) {
      CHECK((owned.records()[index].time < 0 || lines[index].size() > 1'048'550));
    }
    for (const CloudwatchRequest& request : requests) {
      std::size_t bytes = 0;
      std::int64_t last = 0;
      for (const std::uint32_t index : request.records) {
        const Record& record = owned.records()[index];
        bytes += record.line.size() + 26;
        CHECK(streams[index] == request.stream);
        CHECK(cloudwatch_millis(record) >= last);
        last = cloudwatch_millis(record);
        seen.push_back(index);
      }
      REQUIRE(!request.records.empty());
      CHECK(bytes <= 1'048'576);
      CHECK(request.records.size() <= 10'000);
      CHECK(last - cloudwatch_millis(owned.records()[request.records.front()]) <= 86'400'000);
    }
    std::sort(seen.begin(), seen.end());
    CHECK(seen.size() == lines.size());
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  }
}

TEST_CASE(
    "cloudwatch sink: a record that no request can hold is refused, its neighbours are stored",
    "[sinks][cloudwatch]") {
  Bench bench;
  OwnedRecords records({R"({"n":0})", "{\"n\":\"" + std::string(1'048'551 - 8, 'x') + "\"}",
                        "{\"n\":\"" + std::string(1'048'550 - 8, 'y') + "\"}", R"({"n":3})"});
  records.at(3).time = -5;
  const Verdict verdict = bench.send(records);
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 2);
  CHECK(verdict.items[0].index == 1);
  CHECK(verdict.items[0].reason.find("1,048,550") != std::string::npos);
  CHECK(verdict.items[1].index == 3);
  CHECK(bench.stored() == 2);

  Bench alone;
  OwnedRecords early({"{}"});
  early.at(0).time = -5;
  CHECK(alone.send(early).kind == Kind::reject);
  CHECK(alone.server.actions.empty());
}

TEST_CASE("cloudwatch sink: what is too old or too new is refused by its index in the request",
          "[sinks][cloudwatch]") {
  Bench bench;
  OwnedRecords records({R"({"n":0})", R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  const std::int64_t now = cloudwatch_millis(records.at(0));
  records.at(0).time += 3 * kHour;
  records.at(2).time -= 10 * kHour;
  bench.server.oldest = now - 3'600'000;
  bench.server.newest = now + 7'200'000;
  const Verdict verdict = bench.send(records);
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 2);
  CHECK(verdict.items[0].index == 0);
  CHECK(verdict.items[0].reason.find("in the future") != std::string::npos);
  CHECK(verdict.items[1].index == 2);
  CHECK(verdict.items[1].reason.find("older") != std::string::npos);
  CHECK(!verdict.items[0].retry);
  CHECK(bench.stored() == 2);
}

TEST_CASE("cloudwatch sink: where only a part of the requests got through, the rest goes alone",
          "[sinks][cloudwatch]") {
  Bench bench;
  bench.settings.stream = "{s}";
  CHECK(bench.send(OwnedRecords({R"({"s":"a"})", R"({"s":"b"})", R"({"s":"c"})"})).kind ==
        Kind::ok);
  HttpResponse good;
  good.status = 200;
  good.body = "{}";
  HttpResponse slow = StrictCloudwatch::error(400, "ThrottlingException", "Rate exceeded");
  slow.retry_after = std::chrono::seconds(7);
  bench.server.scripted = {good, slow};
  const Verdict verdict =
      bench.send(OwnedRecords({R"({"s":"c"})", R"({"s":"b"})", R"({"s":"a"})"}));
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 2);
  CHECK(verdict.items[0].index == 0);
  CHECK(verdict.items[0].retry);
  CHECK(verdict.items[1].index == 1);
  CHECK(verdict.items[1].retry);
  CHECK(verdict.retry_after == std::chrono::seconds(7));
}

TEST_CASE("cloudwatch sink: refused credentials are looked for anew, once", "[sinks][cloudwatch]") {
  Bench bench;
  bench.server.scripted = {StrictCloudwatch::error(400, "ExpiredTokenException", "expired"),
                           StrictCloudwatch::error(400, "ExpiredTokenException", "expired")};
  const Verdict verdict = bench.send(OwnedRecords({"{}"}));
  CHECK(verdict.kind == Kind::hold);
  CHECK(verdict.reason ==
        "HTTP 400: ExpiredToken (check the credentials and this machine's clock): expired");
  CHECK(bench.server.actions.size() == 1);
}

TEST_CASE("cloudwatch sink: after HTTP 403 a batch goes with the renewed credentials (Q5)",
          "[sinks][cloudwatch]") {
  Bench bench;
  bench.settings.aws.access_key_id.clear();
  bench.settings.aws.secret_access_key = {};
  std::string key = "one";
  bench.sink = made(bench.settings, bench.server.client(), [&key](const char* name) {
    const std::string_view asked = name;
    if (asked == "AWS_ACCESS_KEY_ID") return key;
    return std::string(asked == "AWS_SECRET_ACCESS_KEY" ? "secret" : "");
  });
  REQUIRE(bench.send(OwnedRecords({"{}"})).kind == Kind::ok);
  key = "two";
  bench.server.scripted = {StrictCloudwatch::error(403, "InvalidSignatureException", "expired")};
  bench.server.actions.clear();
  CHECK(bench.send(OwnedRecords({"{}"})).kind == Kind::ok);
  CHECK(bench.server.actions == std::vector<std::string>{"PutLogEvents", "PutLogEvents"});
  CHECK(bench.stored() == 2);
}

TEST_CASE("cloudwatch answer: errors go by their type, not by the status", "[sinks][cloudwatch]") {
  struct Row {
    int status;
    const char* type;
    Kind kind;
  };
  const Row rows[] = {
      {400, "ThrottlingException", Kind::retry},
      {400, "com.amazonaws.logs#ThrottlingException", Kind::retry},
      {400, "ThrottlingException:http://internal.amazon.com/coral/", Kind::retry},
      {503, "ServiceUnavailableException", Kind::retry},
      {400, "ServiceUnavailableException", Kind::retry},
      {500, "InternalFailure", Kind::retry},
      {400, "OperationAbortedException", Kind::retry},
      {400, "DataAlreadyAcceptedException", Kind::ok},
      {400, "InvalidSequenceTokenException", Kind::retry},
      {400, "InvalidParameterException", Kind::split},
      {400, "SerializationException", Kind::split},
      {400, "ResourceNotFoundException", Kind::hold},
      {400, "UnrecognizedClientException", Kind::hold},
      {400, "ExpiredTokenException", Kind::hold},
      {403, "InvalidSignatureException", Kind::hold},
      {403, "SignatureDoesNotMatch", Kind::hold},
      {400, "AccessDeniedException", Kind::hold},
      {400, "LimitExceededException", Kind::hold},
      {400, "SomethingNewException", Kind::hold},
      {500, "SomethingNewException", Kind::retry},
  };
  for (const Row& row : rows) {
    INFO(row.status << " " << row.type);
    CHECK(classify_cloudwatch_answer(StrictCloudwatch::error(row.status, row.type)).verdict.kind ==
          row.kind);
  }
  HttpResponse bare;
  for (const auto& [status, kind] :
       {std::pair(200, Kind::ok), std::pair(301, Kind::hold), std::pair(403, Kind::hold),
        std::pair(413, Kind::split), std::pair(429, Kind::retry), std::pair(502, Kind::retry)}) {
    bare.status = status;
    bare.body = "<html>";
    CHECK(classify_cloudwatch_answer(bare).verdict.kind == kind);
  }
}

TEST_CASE("cloudwatch answer: indexes beyond the request, or overlapping, name each record once",
          "[sinks][cloudwatch]") {
  HttpResponse response;
  response.status = 200;
  response.body =
      R"({"rejectedLogEventsInfo":{"expiredLogEventEndIndex":1,"tooOldLogEventEndIndex":2,)"
      R"("tooNewLogEventStartIndex":99}})";
  const std::vector<std::uint32_t> records = {4, 3, 9};
  const Verdict verdict = classify_put_log_events(response, records).verdict;
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 2);
  CHECK(verdict.items[0].index == 3);
  CHECK(verdict.items[1].index == 4);
}

}  // namespace ship
