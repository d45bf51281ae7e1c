#include "sinks/loki/loki_sink.hpp"

#include <map>

#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"
#include "tests/unit/sinks/loki/loki_decode.hpp"

namespace ship {
namespace {

using Encoding = LokiSinkSettings::Encoding;
using Kind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PushedStream;
using Pairs = std::vector<std::pair<std::string, std::string>>;

class LokiPeer final : public testing::HttpContractPeer {
 public:
  LokiPeer(Encoding encoding, Compression compression)
      : encoding_(encoding), compression_(compression) {}

  std::unique_ptr<Sink> make_sink() override {
    LokiSinkSettings settings;
    settings.transport = transport();
    settings.transport.compression = compression_;
    settings.encoding = encoding_;
    Result<std::unique_ptr<HttpClient>> client = make_curl_client(settings.transport);
    return std::move(LokiSink::make(settings, {}, std::move(client).value(), system_clock(),
                                    [](LogLevel, const std::string&) {}))
        .value();
  }

  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      for (const PushedStream& stream : testing::decode_push(
               request.header("Content-Type"), request.header("Content-Encoding"), request.body)) {
        for (const testing::PushedEntry& entry : stream.entries) all.push_back(entry.line);
      }
    }
    return all;
  }

 private:
  Encoding encoding_;
  Compression compression_;
};

/// A sink over a fake client.
struct Bench {
  FakeHttpClient::Log log;
  ManualClock clock;
  LokiSinkSettings settings;
  Labels all_labels;
  std::vector<std::string> messages;
  std::unique_ptr<Sink> sink;

  Bench() { settings.transport.url = "http://loki:3100"; }

  Verdict send(const OwnedRecords& records) {
    if (!sink) {
      sink = std::move(
                 LokiSink::make(
                     settings, all_labels, std::make_unique<FakeHttpClient>(log), clock,
                     [this](LogLevel, std::string text) { messages.push_back(std::move(text)); }))
                 .value();
    }
    return sink->send(records.records(), {});
  }

  std::vector<PushedStream> pushed(std::size_t request = 0) const {
    const FakeHttpClient::Sent& sent = log.sent.at(request);
    return testing::decode_push(sent.header("Content-Type"), sent.header("Content-Encoding"),
                                sent.body);
  }

  std::vector<std::string> labels(std::size_t request = 0) const {
    std::vector<std::string> texts;
    for (const PushedStream& stream : pushed(request)) texts.push_back(stream.labels);
    return texts;
  }
};

void set_level(OwnedRecords& records, std::size_t index, std::string_view name) {
  Record& record = records.at(index);
  record.level = parse_level(name).value_or(Level{LevelName::other, 20});
  const std::size_t at = record.line.find("\"" + std::string(name) + "\"");
  REQUIRE(at != std::string_view::npos);
  record.level_at = static_cast<std::uint32_t>(at + 1);
  record.level_size = static_cast<std::uint8_t>(name.size());
}

}  // namespace

TEST_CASE("loki sink: keeps the contract of sinks", "[sinks][loki]") {
  using Choice = std::pair<Encoding, Compression>;
  const Choice choice = GENERATE(Choice(Encoding::protobuf, Compression::none),
                                 Choice(Encoding::json, Compression::none),
                                 Choice(Encoding::json, Compression::gzip));
  testing::run_sink_contract(
      [&] { return std::make_unique<LokiPeer>(choice.first, choice.second); });
}

TEST_CASE("loki sink: the push goes to Loki's path, for its tenant", "[sinks][loki]") {
  Bench bench;
  bench.settings.tenant_id = "team-a";
  SECTION("no path") {}
  SECTION("a slash") { bench.settings.transport.url = "http://loki:3100/"; }
  SECTION("the whole path") { bench.settings.transport.url = "http://loki:3100/loki/api/v1/push"; }
  CHECK(bench.send(OwnedRecords({"{}"})).kind == Kind::ok);
  CHECK(bench.log.sent[0].url == "http://loki:3100/loki/api/v1/push");
  CHECK(bench.log.sent[0].method == "POST");
  CHECK(bench.log.sent[0].header("X-Scope-OrgID") == "team-a");
}

TEST_CASE("loki sink: a path in front of Loki's own is kept", "[sinks][loki]") {
  Bench bench;
  bench.settings.transport.url = "https://gateway/logs/";
  bench.send(OwnedRecords({"{}"}));
  CHECK(bench.log.sent[0].url == "https://gateway/logs/loki/api/v1/push");
  CHECK(bench.log.sent[0].header("X-Scope-OrgID").empty());
}

TEST_CASE("loki sink: line, event time and metadata arrive as they are", "[sinks][loki]") {
  Bench bench;
  bench.settings.encoding = GENERATE(Encoding::protobuf, Encoding::json);
  bench.settings.structured_metadata = {"trace_id", "user.name", "n", "nothing", "empty", "obj"};
  OwnedRecords records(
      {R"({"trace_id":"t\"1","user":{"name":"é 🦀"},"n":1.50,"empty":"","obj":{"a": 1}})",
       R"({"x":"\\ \" \u00e9"})", "{}", "{}"});
  records.at(0).time = 1700000000'123456789;
  records.at(1).time = -1;
  records.at(2).time = 0;
  records.at(3).time = 5;
  bench.send(records);
  const auto streams = bench.pushed();
  REQUIRE(streams.size() == 1);
  REQUIRE(streams[0].entries.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(streams[0].entries[i].time == records.at(i).time);
    CHECK(streams[0].entries[i].line == records.lines()[i]);
  }
  CHECK(
      streams[0].entries[0].metadata ==
      Pairs{{"trace_id", "t\"1"}, {"user_name", "é 🦀"}, {"n", "1.50"}, {"obj", R"({"a": 1})"}});
  CHECK(streams[0].entries[1].metadata.empty());
}

TEST_CASE("loki sink: the same records make the same request at each attempt", "[sinks][loki]") {
  Bench bench;
  bench.settings.label_fields = {"level", "service"};
  bench.settings.max_streams = 3;
  OwnedRecords records({R"({"service":"a"})", R"({"service":"b"})", R"({"service":"c"})"});
  bench.log.answer(503);
  CHECK(bench.send(records).kind == Kind::retry);
  bench.clock.advance(std::chrono::minutes(1));
  CHECK(bench.send(records).kind == Kind::ok);
  CHECK(bench.log.sent[0].body == bench.log.sent[1].body);
}

TEST_CASE("loki sink: without any label there is still one", "[sinks][loki]") {
  Bench bench;
  bench.settings.label_fields = {};
  SECTION("none") {}
  SECTION("empty ones") { bench.settings.labels = {{"app", ""}}; }
  bench.send(OwnedRecords({"{}"}));
  CHECK(bench.labels() == std::vector<std::string>{R"({job="fapilog-ship"})"});
}

TEST_CASE("loki sink: static labels are sanitised, quoted, and the sink's own win",
          "[sinks][loki]") {
  Bench bench;
  bench.settings.label_fields = {"app"};
  bench.all_labels = {{"app", "all"}, {"k8s.pod", "p"}, {"quote", "a\"b\\c\nd\x01"}};
  bench.settings.labels = {{"app", "own"}};
  bench.send(OwnedRecords({R"({"app":"field"})"}));
  CHECK(bench.labels() ==
        std::vector<std::string>{R"({app="own",k8s_pod="p",quote="a\"b\\c\nd\u0001"})"});
}

TEST_CASE("loki sink: names become what Loki takes", "[sinks][loki]") {
  CHECK(loki_label_name("level") == "level");
  CHECK(loki_label_name("a.b-c/d é") == "a_b_c_d___");
  CHECK(loki_label_name("9lives") == "_9lives");
  CHECK(loki_label_name("__name__") == "_name__");
  CHECK(loki_label_name("_x") == "_x");
  CHECK(loki_label_name("___") == "_");
  CHECK(loki_label_name("") == "_");
}

TEST_CASE("loki sink: levels are labels in their canonical spelling", "[sinks][loki]") {
  Bench bench;
  bench.settings.labels = {{"app", "a"}};
  OwnedRecords records({R"({"level":"warn"})", R"({"level":"WARNING"})", R"({"level":"err"})",
                        R"({"level":"Notice"})", R"({"m":"no level"})"});
  set_level(records, 0, "warn");
  set_level(records, 1, "WARNING");
  set_level(records, 2, "err");
  set_level(records, 3, "Notice");
  bench.send(records);
  const auto streams = bench.pushed();
  REQUIRE(streams.size() == 4);
  CHECK(streams[0].labels == R"({app="a",level="WARNING"})");
  CHECK(streams[0].entries.size() == 2);
  CHECK(streams[1].labels == R"({app="a",level="ERROR"})");
  CHECK(streams[2].labels == R"({app="a",level="NOTICE"})");
  CHECK(streams[3].labels == R"({app="a",level="INFO"})");
}

TEST_CASE("loki sink: label fields are found in the envelope, and may be renamed",
          "[sinks][loki]") {
  Bench bench;
  bench.settings.labels = {{"app", "a"}};
  bench.settings.label_fields = {"log.logger",      "service", "env=diagnostics.env",
                                 "level=log.level", "list",    "absent"};
  bench.send(OwnedRecords(
      {R"({"log":{"logger":"orders","diagnostics":{"service":"api","env":"prod"}},"list":[1]})"}));
  CHECK(bench.labels() ==
        std::vector<std::string>{
            R"({app="a",log_logger="orders",service="api",env="prod",level="INFO"})"});
}

TEST_CASE("loki sink: past max_streams label values go to the metadata", "[sinks][loki]") {
  Bench bench;
  bench.settings.labels = {{"app", "a"}};
  bench.settings.label_fields = {"user"};
  bench.settings.structured_metadata = {"user"};
  bench.settings.max_streams = 3;
  SECTION("within one batch and over later ones") {
    bench.settings.structured_metadata = {};
    bench.send(OwnedRecords({R"({"user":"u1"})", R"({"user":"u2"})", R"({"user":"u3"})",
                             R"({"user":"u1"})", R"({"none":1})", R"({"user":"u4"})"}));
    bench.send(OwnedRecords({R"({"user":"u5"})", R"({"user":"u2"})"}));
    auto streams = bench.pushed(0);
    REQUIRE(streams.size() == 3);
    CHECK(streams[0].labels == R"({app="a",user="u1"})");
    CHECK(streams[1].labels == R"({app="a",user="u2"})");
    CHECK(streams[2].labels == R"({app="a"})");
    REQUIRE(streams[2].entries.size() == 3);
    CHECK(streams[2].entries[0].metadata == Pairs{{"user", "u3"}});
    CHECK(streams[2].entries[1].metadata.empty());
    CHECK(streams[2].entries[2].metadata == Pairs{{"user", "u4"}});
    CHECK(streams[0].entries[0].metadata.empty());
    streams = bench.pushed(1);
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].labels == R"({app="a"})");
    CHECK(streams[1].labels == R"({app="a",user="u2"})");
    REQUIRE(bench.messages.size() == 1);
    CHECK(bench.messages[0].find("max_streams = 3") != std::string::npos);
  }
  SECTION("a name that is metadata already stands there once") {
    bench.settings.max_streams = 1;
    bench.send(OwnedRecords({R"({"user":"u1"})"}));
    CHECK(bench.pushed()[0].entries[0].metadata == Pairs{{"user", "u1"}});
  }
}

TEST_CASE("loki sink: never more than max_streams streams", "[sinks][loki]") {
  Bench bench;
  bench.settings.label_fields = {"a", "b"};
  bench.settings.max_streams = GENERATE(1u, 2u, 7u);
  std::map<std::string, int> seen;
  std::size_t records = 0;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<std::string> lines;
    for (int i = 0; i < 10; ++i) {
      const int n = batch * 7 + i * 3;
      lines.push_back(n % 5 == 0 ? "{}"
                                 : "{\"a\":" + std::to_string(n % 13) + ",\"b\":\"" +
                                       std::to_string(n % 3) + "\"}");
    }
    bench.send(OwnedRecords(lines));
    for (const PushedStream& stream : bench.pushed(static_cast<std::size_t>(batch))) {
      ++seen[stream.labels];
      records += stream.entries.size();
    }
  }
  CHECK(seen.size() == bench.settings.max_streams);
  CHECK(records == 200);
}

TEST_CASE("loki sink: each record is in the stream of its labels, however many a batch has",
          "[sinks][loki]") {
  Bench bench;
  bench.settings.label_fields = {"a", "b"};
  std::vector<std::string> lines;
  for (int i = 0; i < 400; ++i) {
    lines.push_back("{\"a\":\"" + std::to_string(i * i % 7) + "\",\"b\":\"" +
                    std::to_string(i % 3) + "\"}");
  }
  for (const std::size_t batch : {0u, 1u}) {
    bench.send(OwnedRecords(lines));
    std::size_t records = 0;
    for (const PushedStream& stream : bench.pushed(batch)) {
      records += stream.entries.size();
      for (const auto& entry : stream.entries) {
        CHECK(stream.labels.find("a=\"" + entry.line.substr(6, 1) + "\",b=\"" +
                                 entry.line.substr(14, 1) + "\"") != std::string::npos);
      }
    }
    CHECK(records == lines.size());
    std::reverse(lines.begin(), lines.end());
  }
}

TEST_CASE("loki sink: a label value too long for Loki goes to the metadata", "[sinks][loki]") {
  Bench bench;
  bench.settings.labels = {{"app", "a"}};
  bench.settings.label_fields = {"v"};
  const std::string longest(2048, 'x');
  bench.send(OwnedRecords({"{\"v\":\"" + longest + "\"}", "{\"v\":\"" + longest + "y\"}"}));
  const auto streams = bench.pushed();
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].labels == "{app=\"a\",v=\"" + longest + "\"}");
  CHECK(streams[1].labels == R"({app="a"})");
  CHECK(streams[1].entries[0].metadata == Pairs{{"v", longest + "y"}});
}

TEST_CASE("loki sink: records older than max_age are refused without being sent", "[sinks][loki]") {
  Bench bench;
  bench.settings.max_age = std::chrono::hours(1);
  bench.settings.labels = {{"app", "a"}};
  OwnedRecords records({R"({"n":0})", R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  const WallNanos now = bench.clock.wall();
  const WallNanos hour = 3600ll * 1'000'000'000;
  records.at(0).time = now - hour - 1;
  records.at(1).time = now - hour;
  records.at(2).time = now - 2 * hour;
  records.at(3).time = now + hour;

  SECTION("the others are stored") {
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == Kind::partial);
    REQUIRE(verdict.items.size() == 2);
    CHECK(verdict.items[0].index == 0);
    CHECK(verdict.items[1].index == 2);
    CHECK(!verdict.items[0].retry);
    CHECK(verdict.items[0].reason == "older than max_age");
    CHECK(verdict.unnamed_rejections == 0);
    const auto streams = bench.pushed();
    REQUIRE(streams[0].entries.size() == 2);
    CHECK(streams[0].entries[0].line == R"({"n":1})");
    CHECK(streams[0].entries[1].line == R"({"n":3})");
  }
  SECTION("while the server is away all of them wait") {
    bench.log.answer(503);
    CHECK(bench.send(records).kind == Kind::retry);
  }
  SECTION("the server refuses another one") {
    bench.log.answer(400,
                     R"(Max entry size '1' bytes exceeded for stream '{app="a", level="INFO"}')"
                     R"( while adding an entry with length '7' bytes)");
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == Kind::partial);
    REQUIRE(verdict.items.size() == 3);
    CHECK(verdict.items[0].index == 0);
    CHECK(verdict.items[1].index == 1);
    CHECK(verdict.items[1].status == 400);
    CHECK(verdict.items[2].index == 2);
  }
  SECTION("nothing is sent where all are too old") {
    bench.clock.advance(std::chrono::hours(9));
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == Kind::reject);
    CHECK(verdict.reason == "older than max_age");
    CHECK(bench.log.sent.empty());
  }
}

TEST_CASE("loki sink: a batch above what Loki takes at once is split unsent", "[sinks][loki]") {
  Bench bench;
  const std::string line = "{\"m\":\"" + std::string(3 << 20, 'x') + "\"}";
  CHECK(bench.send(OwnedRecords({line, line})).kind == Kind::split);
  CHECK(bench.log.sent.empty());
  CHECK(bench.send(OwnedRecords({line})).kind == Kind::ok);
}

TEST_CASE("loki sink: compression that Loki cannot read is refused at the start", "[sinks][loki]") {
  LokiSinkSettings settings;
  FakeHttpClient::Log log;
  const auto made = [&](Encoding encoding, Compression compression) {
    settings.encoding = encoding;
    settings.transport.compression = compression;
    return LokiSink::make(settings, {}, std::make_unique<FakeHttpClient>(log), system_clock(), {});
  };
  CHECK(made(Encoding::protobuf, Compression::none));
  CHECK(made(Encoding::json, Compression::none));
  CHECK(made(Encoding::json, Compression::gzip));
  for (const auto& [encoding, compression] : {std::pair(Encoding::protobuf, Compression::gzip),
                                              std::pair(Encoding::protobuf, Compression::zstd),
                                              std::pair(Encoding::json, Compression::zstd)}) {
    const auto refused = made(encoding, compression);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::config);
  }
}

}  // namespace ship
