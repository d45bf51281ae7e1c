#include "sinks/gelf/gelf_sink.hpp"

#include "record/json_walk.hpp"
#include "sinks/gelf/gelf_message.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/sinks/stream_contract_peer.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;
using testing::StreamPeer;

constexpr WallNanos kTime = 1767323045'678901234;

/// The members of a record's message, each as its JSON.
std::vector<std::pair<std::string, std::string>> members(std::string_view line, Level level = kInfo,
                                                         const Labels& labels = {}) {
  Record record;
  record.line = line;
  record.time = kTime;
  record.level = level;
  GelfMessage message("web-01", labels, {});
  std::string out;
  message.append(record, out);
  std::vector<std::pair<std::string, std::string>> all;
  for (JsonWalk walk(out); walk.next();) {
    all.emplace_back(walk.key(), walk.value().raw);
  }
  return all;
}

std::string member(const std::vector<std::pair<std::string, std::string>>& all,
                   const std::string& name) {
  std::string found;
  for (const auto& [key, json] : all) {
    if (key == name) found += (found.empty() ? "" : " and ") + json;
  }
  return found;
}

std::unique_ptr<Sink> gelf_sink(const std::string& url, const SinkEnvironment& environment = {},
                                bool bulk = false) {
  GelfSinkSettings settings;
  settings.transport.url = url;
  settings.transport.request_timeout = std::chrono::minutes(10);
  settings.bulk = bulk;
  Result<std::unique_ptr<Sink>> sink = make_gelf_sink(settings, {}, environment);
  REQUIRE(sink.ok());
  return std::move(sink).value();
}

SinkEnvironment http_environment(FakeHttpClient::Log& log) {
  SinkEnvironment environment;
  environment.make_http_client =
      [&log](const HttpTransport&) -> Result<std::unique_ptr<HttpClient>> {
    return {std::make_unique<FakeHttpClient>(log)};
  };
  return environment;
}

Verdict deliver(Sink& sink, const OwnedRecords& records) {
  SendContext context;
  context.batch_id = "b";
  return sink.send(records.records(), context);
}

}  // namespace

TEST_CASE("gelf: the envelope becomes a message and flat fields", "[sinks][gelf]") {
  const auto all = members(
      R"({"log":{"context":{"correlation_id":"r-1"},"data":{"order_id":18,"paid":true,"note":null,"tags":[1,"a"],"id":"x"},"level":"ERROR","logger":"orders","message":"order failed","timestamp":"2026-01-02T03:04:05.678Z"},"schema_version":"1.1"})",
      kError, {{"app", "shop"}});
  CHECK(member(all, "version") == R"("1.1")");
  CHECK(member(all, "host") == R"("web-01")");
  CHECK(member(all, "short_message") == R"("order failed")");
  CHECK(member(all, "full_message").empty());
  CHECK(member(all, "timestamp") == "1767323045.678901");
  CHECK(member(all, "level") == "3");
  CHECK(member(all, "_level_name") == R"("ERROR")");
  CHECK(member(all, "_app") == R"("shop")");
  CHECK(member(all, "_context_correlation_id") == R"("r-1")");
  CHECK(member(all, "_data_order_id") == "18");
  CHECK(member(all, "_data_paid") == R"("true")");
  CHECK(member(all, "_data_note") == R"("null")");
  CHECK(member(all, "_data_tags") == R"("[1,\"a\"]")");
  CHECK(member(all, "_logger") == R"("orders")");
  CHECK(member(all, "_schema_version") == R"("1.1")");
  CHECK(all.size() == 15);
}

TEST_CASE("gelf: there is no _id, and no two fields of one name", "[sinks][gelf]") {
  const auto all =
      members(R"({"message":"m","id":7,"a":{"b":1},"a_b":2,"a.b":3,"":4,"x y":5,"x y":6})");
  CHECK(member(all, "_id").empty());
  CHECK(member(all, "_id_") == "7");
  CHECK(member(all, "_a_b") == "1");
  CHECK(member(all, "_a_b_2") == "2");
  CHECK(member(all, "_a.b") == "3");
  CHECK(member(all, "__") == "4");
  CHECK(member(all, "_x_y") == "6");
}

TEST_CASE("gelf: short_message always says something", "[sinks][gelf]") {
  for (const char* line : {R"({})", R"({"message":""})", R"({"message":" \n\t "})",
                           R"({"message":null})", R"({"a":1})"}) {
    INFO(line);
    std::string text = JsonValue(member(members(line), "short_message")).text();
    CHECK(text == line);
  }
}

TEST_CASE("gelf: a message of several lines, and an exception, make a full message",
          "[sinks][gelf]") {
  const auto lines = members(R"({"message":"one\ntwo"})");
  CHECK(member(lines, "short_message") == R"("one")");
  CHECK(member(lines, "full_message") == R"("one\ntwo")");
  const auto failed = members(
      R"({"log":{"diagnostics":{"exception":{"error.type":"KeyError","error.stack":"Traceback\nKeyError: 'a'"}},"level":"ERROR","message":"no"}})");
  CHECK(member(failed, "short_message") == R"("no")");
  CHECK(member(failed, "full_message") == R"("no\nTraceback\nKeyError: 'a'")");
}

TEST_CASE("gelf: each level is a number from 0 to 7", "[sinks][gelf]") {
  CHECK(member(members("{}", kDebug), "level") == "7");
  CHECK(member(members("{}", kInfo), "level") == "6");
  CHECK(member(members("{}", kFatal), "level") == "2");
  CHECK(member(members("{}", kAudit), "level") == "5");
}

TEST_CASE("gelf sink: keeps the contract of sinks over TCP", "[sinks][gelf]") {
  // The record's own members stand in the message as fields; the contract wants lines.
  class Peer final : public testing::StreamContractPeer {
   public:
    using StreamContractPeer::StreamContractPeer;
    bool keeps_lines() const override { return false; }
  };
  testing::run_sink_contract([] {
    return std::make_unique<Peer>(
        std::make_unique<StreamPeer>(),
        [](const std::string& address) { return gelf_sink(address); },
        [](std::string_view text) { return testing::split_frames(text, '\0'); });
  });
}

TEST_CASE("gelf sink: over TCP each message ends with a NUL", "[sinks][gelf]") {
  StreamPeer peer;
  const auto sink = gelf_sink(peer.address());
  CHECK(deliver(*sink, OwnedRecords({R"({"message":"a"})", R"({"message":"b"})"})).kind ==
        Verdict::Kind::ok);
  sink->close({});
  const std::vector<std::string> messages = testing::split_frames(peer.all_received(), '\0');
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].find(R"("short_message":"a")") != std::string::npos);
  CHECK(messages[1].find(R"("short_message":"b")") != std::string::npos);
}

TEST_CASE("gelf sink: over HTTP each record is a request, with bulk all are one", "[sinks][gelf]") {
  FakeHttpClient::Log log;
  const auto single = gelf_sink("http://graylog:12201", http_environment(log));
  CHECK(deliver(*single, OwnedRecords({"{}", "{}"})).kind == Verdict::Kind::ok);
  REQUIRE(log.sent.size() == 2);
  CHECK(log.sent[0].url == "http://graylog:12201/gelf");
  const auto bulk = gelf_sink("http://graylog:12201/in", http_environment(log), true);
  CHECK(deliver(*bulk, OwnedRecords({"{}", "{}"})).kind == Verdict::Kind::ok);
  REQUIRE(log.sent.size() == 3);
  CHECK(log.sent[2].url == "http://graylog:12201/in");
  CHECK(testing::split_frames(log.sent[2].body, '\n').size() == 2);
}

TEST_CASE("gelf sink: over HTTP a refused record is refused alone, an outage keeps the rest",
          "[sinks][gelf]") {
  FakeHttpClient::Log log;
  const auto sink = gelf_sink("http://graylog", http_environment(log));
  log.answer(202);
  log.answer(400, "bad");
  log.answer(202);
  log.answer(503);
  const Verdict verdict = deliver(*sink, OwnedRecords({"{}", "{}", "{}", "{}", "{}"}));
  CHECK(verdict.kind == Verdict::Kind::partial);
  CHECK(verdict.reason.find("503") != std::string::npos);
  REQUIRE(verdict.items.size() == 3);
  CHECK(verdict.items[0].index == 1);
  CHECK_FALSE(verdict.items[0].retry);
  CHECK(verdict.items[1].index == 3);
  CHECK(verdict.items[1].retry);
  CHECK(verdict.items[2].index == 4);
  CHECK(verdict.items[2].retry);
  log.answer(401);
  CHECK(deliver(*sink, OwnedRecords({"{}"})).kind == Verdict::Kind::hold);
}

TEST_CASE("gelf sink: payload shows each message on a line of its own", "[sinks][gelf]") {
  StreamPeer peer;
  const OwnedRecords records({R"({"message":"a"})", R"({"message":"b"})"});
  const auto sink = gelf_sink(peer.address());
  const std::string shown = sink->payload(records.records());
  CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
  sink->close({});
  CHECK(testing::split_frames(shown, '\n') == testing::split_frames(peer.all_received(), '\0'));

  FakeHttpClient::Log log;
  const auto bulk = gelf_sink("http://graylog:12201", http_environment(log), true);
  const std::string body = bulk->payload(records.records());
  CHECK(log.sent.empty());
  CHECK(deliver(*bulk, records).kind == Verdict::Kind::ok);
  REQUIRE(log.sent.size() == 1);
  CHECK(body == log.sent[0].body);
}

}  // namespace ship
