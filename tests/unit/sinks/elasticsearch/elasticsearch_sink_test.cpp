#include "sinks/elasticsearch/elasticsearch_sink.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/elasticsearch/strict_elasticsearch.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using Op = ElasticsearchSinkSettings::Op;
using testing::OwnedRecords;
using testing::PeerStep;
using testing::StrictElasticsearch;

ElasticsearchSinkSettings settings_for(std::string index) {
  ElasticsearchSinkSettings settings;
  settings.transport.url = "http://es:9200";
  settings.index = std::move(index);
  settings.id_field.clear();
  return settings;
}

std::unique_ptr<Sink> made(const ElasticsearchSinkSettings& settings,
                           std::unique_ptr<HttpClient> client) {
  Result<std::unique_ptr<Sink>> sink = ElasticsearchSink::make(settings, std::move(client));
  REQUIRE(sink);
  return std::move(sink).value();
}

/// The documents of a bulk body without the @timestamp that was put in front.
std::vector<std::string> documents_of(std::string_view body) {
  std::vector<std::string> documents;
  bool action = true;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    std::string line(body.substr(0, end));
    body.remove_prefix(end + 1);
    if (!std::exchange(action, !action)) {
      constexpr std::string_view kOurs = R"({"@timestamp":")";
      if (line.starts_with(kOurs)) {
        const std::size_t close = line.find('"', kOurs.size()) + 1;
        line = "{" + line.substr(close + (line[close] == ',' ? 1 : 0));
      }
      documents.push_back(std::move(line));
    }
  }
  return documents;
}

class ElasticsearchPeer final : public testing::HttpContractPeer {
 public:
  explicit ElasticsearchPeer(Compression compression) : compression_(compression) { recover(); }

  std::unique_ptr<Sink> make_sink() override {
    ElasticsearchSinkSettings settings = settings_for("logs-%Y.%m.%d");
    settings.transport = transport();
    settings.transport.compression = compression_;
    return made(settings, std::move(make_curl_client(settings.transport)).value());
  }
  void recover() override { script({PeerStep::answer(200, R"({"errors":false})")}); }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (std::string& line : documents_of(body)) all.push_back(std::move(line));
    }
    return all;
  }

 private:
  Compression compression_;
};

/// A sink in front of the strict server.
struct Bench {
  StrictElasticsearch server;
  ElasticsearchSinkSettings settings = settings_for("logs");
  std::unique_ptr<Sink> sink;

  Verdict send(const OwnedRecords& records, bool in_doubt = false) {
    if (!sink) sink = made(settings, server.client());
    return sink->send(records.records(), {{}, {}, in_doubt});
  }
};

}  // namespace

TEST_CASE("elasticsearch sink: keeps the contract of sinks", "[sinks][elasticsearch]") {
  const Compression compression = GENERATE(Compression::none, Compression::gzip);
  testing::run_sink_contract([&] { return std::make_unique<ElasticsearchPeer>(compression); });
}

TEST_CASE("elasticsearch sink: the request is a bulk request, and asks for little back",
          "[sinks][elasticsearch]") {
  FakeHttpClient::Log log;
  log.answer(200, R"({"errors":false})");
  ElasticsearchSinkSettings settings = settings_for("Logs-%Y.%m.%d");
  settings.transport.url = "https://es:9200/prefix/";
  OwnedRecords records({R"({"log":{"context":{"message_id":"m\"1"}}})"});
  records.at(0).id = {{0x0123456789abcdef, 0xfedcba9876543210}, 42};
  CHECK(made(settings, std::make_unique<FakeHttpClient>(log))->send(records.records(), {}).kind ==
        Kind::ok);
  const FakeHttpClient::Sent& sent = log.sent.at(0);
  CHECK(sent.url ==
        "https://es:9200/prefix/_bulk?filter_path=errors%2Citems.%2A.status%2C"
        "items.%2A.error.type%2Citems.%2A.error.reason");
  CHECK(sent.body ==
        R"({"create":{"_index":"logs-2026.11.22","_id":"0123456789abcdeffedcba9876543210-42"}})"
        "\n"
        R"({"@timestamp":"2026-11-22T09:00:00.000Z","log":{"context":{"message_id":"m\"1"}}})"
        "\n");
}

TEST_CASE("elasticsearch sink: @timestamp is the record's time, unless the line has one",
          "[sinks][elasticsearch]") {
  Bench bench;
  OwnedRecords records({R"({"a":1})", R"({ })", R"( {"b":2})",
                        R"({"@timestamp":"2020-01-01T00:00:00Z"})",
                        R"({"log":{"@timestamp":"2020-01-01T00:00:00Z"}})"});
  records.at(0).time += 123'456'789;
  records.at(2).time += 1'000;
  CHECK(bench.send(records).kind == Kind::ok);
  std::vector<std::string> sources;
  for (const auto& document : bench.server.documents) sources.push_back(document.source);
  CHECK(
      sources ==
      std::vector<std::string>{
          R"({"@timestamp":"2026-11-22T09:00:00.123456789Z","a":1})",
          R"({"@timestamp":"2026-11-22T09:00:00.001Z" })",
          R"({"@timestamp":"2026-11-22T09:00:00.002001Z","b":2})",
          R"({"@timestamp":"2020-01-01T00:00:00Z"})",
          R"({"@timestamp":"2026-11-22T09:00:00.004Z","log":{"@timestamp":"2020-01-01T00:00:00Z"}})"});
}

TEST_CASE("elasticsearch sink: a batch whose answer was lost is stored once",
          "[sinks][elasticsearch]") {
  Bench bench;
  bench.settings.op = GENERATE(Op::create, Op::index);
  bench.server.answers_to_lose = 2;
  const OwnedRecords records({R"({"context":{"message_id":"m-1"}})", R"({"a":1})", R"({"a":1})",
                              R"({"context":{"message_id":null},"b":1})"});
  CHECK(bench.send(records).kind == Kind::retry);
  CHECK(bench.send(records).kind == Kind::retry);
  CHECK(bench.send(records).kind == Kind::ok);
  CHECK(bench.server.documents.size() == 4);
}

TEST_CASE("elasticsearch sink: records that say the same are documents of their own",
          "[sinks][elasticsearch]") {
  Bench bench;
  const std::string shared = R"({"message":"sent","context":{"message_id":"<1@mail>"}})";
  const std::string other = R"({"message":"read","context":{"message_id":"<1@mail>"}})";
  OwnedRecords records({R"({"a":1})", R"({"a":1})", shared, shared, other});
  for (std::size_t i = 0; i < 5; ++i) records.at(i).time = records.at(0).time;
  CHECK(bench.send(records).kind == Kind::ok);
  CHECK(bench.send(OwnedRecords({shared})).kind == Kind::ok);
  CHECK(bench.server.documents.size() == 6);
}

TEST_CASE("elasticsearch sink: id_field is the id where it fits, the identity else",
          "[sinks][elasticsearch]") {
  Bench bench;
  bench.settings.id_field = "id";
  const std::string fits(512, 'i');
  const OwnedRecords records({"{\"id\":\"" + fits + "\"}", "{\"id\":\"" + fits + "x\"}",
                              R"({"id":""})", R"({"id":[1]})", R"({"id":42})"});
  CHECK(bench.send(records).kind == Kind::ok);
  const auto& documents = bench.server.documents;
  REQUIRE(documents.size() == 5);
  CHECK(documents[0].id == fits);
  for (const std::size_t i : {1u, 2u, 3u}) {
    CHECK(documents[i].id == record_id_text(records.records()[i].id));
  }
  CHECK(documents[4].id == "42");
}

TEST_CASE(
    "elasticsearch sink: an id_field that another record had is a duplicate, unless it was us",
    "[sinks][elasticsearch]") {
  Bench bench;
  bench.settings.id_field = "id";
  OwnedRecords records({R"({"id":"a","n":1})", R"({"id":"a","n":2})", R"({"n":3})"});
  const Verdict verdict = bench.send(records);
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 1);
  CHECK(verdict.items[0].index == 1);
  CHECK(verdict.items[0].duplicate);
  CHECK(bench.send(records, true).kind == Kind::ok);
  CHECK(bench.server.documents.size() == 2);
}

TEST_CASE("elasticsearch sink: a record without any identity leaves its id to the server",
          "[sinks][elasticsearch]") {
  Bench bench;
  OwnedRecords records({R"({"a":1})", R"({"a":1})"});
  for (std::size_t i = 0; i < 2; ++i) records.at(i).id = {};
  CHECK(bench.send(records).kind == Kind::ok);
  CHECK(bench.server.documents.size() == 2);
}

TEST_CASE("elasticsearch sink: index names come from time and fields, and are made to fit",
          "[sinks][elasticsearch]") {
  Bench bench;
  const std::string line = R"({"service":"My/App *1","n":7,"o":{},"dash":"-x"})";
  const auto index = [&](std::string pattern) {
    bench.settings.index = std::move(pattern);
    bench.sink.reset();
    bench.server.documents.clear();
    CHECK(bench.send(OwnedRecords({line})).kind == Kind::ok);
    return bench.server.documents.at(0).index;
  };
  CHECK(index("logs-{service}-%Y.%m") == "logs-my-app--1-2026.11");
  CHECK(index("{n}-{o}-{none}") == "7-unknown-unknown");
  CHECK(index("{dash}") == "x");
  CHECK(index("100%%-{{x}}") == "100%-{x}");
  CHECK(index(".own") == ".own");
  CHECK(index("{dash}{dash}") == "x-x");
  CHECK(index("---") == "unknown");
  CHECK(index(std::string(300, 'a')) == std::string(255, 'a'));
}

TEST_CASE("elasticsearch sink: data never chooses a system index", "[sinks][elasticsearch]") {
  Bench bench;
  const auto index = [&](std::string pattern, const std::string& service) {
    bench.settings.index = std::move(pattern);
    bench.sink.reset();
    bench.server.documents.clear();
    CHECK(bench.send(OwnedRecords({R"({"service":")" + service + "\"}"})).kind == Kind::ok);
    return bench.server.documents.at(0).index;
  };
  CHECK(index("{service}-logs", ".security-7") == "security-7-logs");
  CHECK(index("{service}-logs", "..") == "logs");
  CHECK(index("{service}", ".") == "unknown");
  CHECK(index("{service}", "...kibana") == "kibana");
  CHECK(index("{service}", "\\u002esecurity") == "security");
  CHECK(index("{service}", "-.security") == "security");
  CHECK(index("{service}", "_all") == "all");
  CHECK(index("logs-{service}", "../x") == "logs----x");
  CHECK(index("logs-{service}", "api.v2") == "logs-api.v2");
  CHECK(index(".own-{service}", "api") == ".own-api");
}

TEST_CASE("elasticsearch sink: items decide, each for its record", "[sinks][elasticsearch]") {
  Bench bench;
  bench.server.refuse = [](const StrictElasticsearch::Document& document) {
    StrictElasticsearch::Refusal refusal;
    const auto holds = [&](const char* text) {
      return document.source.find(text) != std::string::npos;
    };
    if (holds("mapping")) refusal = {400, "mapper_parsing_exception", "failed to parse [a]\nb"};
    if (holds("busy")) refusal = {429, "es_rejected_execution_exception", "queue is full"};
    if (holds("broken")) refusal = {503, "unavailable_shards_exception", ""};
    if (holds("absent")) refusal = {404, "index_not_found_exception", "no such index [x]"};
    if (holds("stream")) {
      refusal = {400, "illegal_argument_exception",
                 "only write ops with an op_type of create are allowed in data streams"};
    }
    if (holds("shards")) {
      refusal = {400, "validation_exception",
                 "this action would add [2] shards, but this cluster currently has "
                 "[1000]/[1000] maximum normal shards open;"};
    }
    return refusal;
  };
  SECTION("refused and busy ones among good ones") {
    const Verdict verdict = bench.send(OwnedRecords(
        {R"({"n":0})", R"({"mapping":1})", R"({"n":2})", R"({"busy":3})", R"({"broken":4})"}));
    CHECK(verdict.kind == Kind::partial);
    REQUIRE(verdict.items.size() == 3);
    CHECK(verdict.items[0].index == 1);
    CHECK(!verdict.items[0].retry);
    CHECK(verdict.items[0].status == 400);
    CHECK(verdict.items[0].reason == "HTTP 400: mapper_parsing_exception: failed to parse [a] b");
    CHECK(verdict.items[1].index == 3);
    CHECK(verdict.items[1].retry);
    CHECK(verdict.items[1].status == 429);
    CHECK(verdict.items[2].index == 4);
    CHECK(verdict.items[2].retry);
    CHECK(verdict.unnamed_rejections == 0);
    CHECK(verdict.bytes_sent > 0);
    CHECK(bench.server.documents.size() == 2);
  }
  SECTION("all busy is a retry of the whole") {
    const Verdict verdict = bench.send(OwnedRecords({R"({"busy":0})", R"({"busy":1})"}));
    CHECK(verdict.kind == Kind::retry);
    CHECK(verdict.status == 429);
    CHECK(verdict.reason.find("queue is full") != std::string::npos);
  }
  SECTION("what needs the operator holds the whole, and later stores nothing twice") {
    const char* line = GENERATE(R"({"absent":1})", R"({"stream":1})", R"({"shards":1})");
    const OwnedRecords records({R"({"n":0})", line, R"({"mapping":2})"});
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == Kind::hold);
    CHECK(verdict.items.empty());
    bench.server.refuse = [](const auto&) { return StrictElasticsearch::Refusal{}; };
    CHECK(bench.send(records).kind == Kind::ok);
    CHECK(bench.server.documents.size() == 3);
  }
  SECTION("a whole batch of long refusals is read to its end") {
    std::vector<std::string> lines;
    for (int i = 0; i < 300; ++i) lines.push_back("{\"mapping\":" + std::to_string(i) + "}");
    bench.server.refuse = [](const auto&) {
      return StrictElasticsearch::Refusal{400, "mapper_parsing_exception", std::string(700, 'r')};
    };
    const Verdict verdict = bench.send(OwnedRecords(lines));
    CHECK(verdict.kind == Kind::partial);
    CHECK(verdict.items.size() == 300);
  }
}

TEST_CASE(
    "elasticsearch sink: refused credentials are looked for anew, and the batch goes with them "
    "(Q5)",
    "[sinks][elasticsearch][aws]") {
  const int status = GENERATE(401, 403);
  FakeHttpClient::Log log;
  std::string key = "one";
  ElasticsearchSinkSettings settings = settings_for("logs");
  AwsSettings aws;
  aws.service = "es";
  aws.region = "eu-central-1";
  const auto variable = [&key](const char* name) {
    const std::string_view asked = name;
    if (asked == "AWS_ACCESS_KEY_ID") return key;
    return std::string(asked == "AWS_SECRET_ACCESS_KEY" ? "secret" : "");
  };
  const auto sink =
      std::move(ElasticsearchSink::make(
                    settings, std::make_unique<FakeHttpClient>(log),
                    std::make_unique<AwsSigner>(aws, variable, make_curl_client, system_clock())))
          .value();
  const OwnedRecords records({"{}"});
  const auto signed_by = [&log](std::size_t request, const std::string& id) {
    const std::string credential = "Credential=" + id + "/";
    return log.sent.at(request).header("Authorization").find(credential) != std::string::npos;
  };
  log.answer(200, R"({"errors":false})");
  CHECK(sink->send(records.records(), {}).kind == Kind::ok);
  CHECK(signed_by(0, "one"));

  key = "two";
  log.answer(status);
  log.answer(200, R"({"errors":false})");
  CHECK(sink->send(records.records(), {}).kind == Kind::ok);
  REQUIRE(log.sent.size() == 3);
  CHECK(signed_by(1, "one"));
  CHECK(signed_by(2, "two"));

  // Where there are no others, the operator has to help, and the server is not asked again.
  log.answer(status);
  CHECK(sink->send(records.records(), {}).kind == Kind::hold);
  CHECK(log.sent.size() == 4);
}

TEST_CASE("elasticsearch sink: what cannot work is refused at the start",
          "[sinks][elasticsearch]") {
  FakeHttpClient::Log log;
  const auto refused = [&](const ElasticsearchSinkSettings& settings) {
    const auto sink = ElasticsearchSink::make(settings, std::make_unique<FakeHttpClient>(log));
    REQUIRE(!sink);
    CHECK(sink.error().kind == ErrorKind::config);
    return sink.error().message;
  };
  CHECK(refused(settings_for("")).find("no index") != std::string::npos);
  CHECK(refused(settings_for("a-{b")) == "index: \"a-{b\" has a { without its }");
  refused(settings_for("a-{}"));
  refused(settings_for("a}"));
  refused(settings_for("a-%"));
  ElasticsearchSinkSettings settings = settings_for("a");
  settings.transport.compression = Compression::zstd;
  refused(settings);
}

}  // namespace ship
