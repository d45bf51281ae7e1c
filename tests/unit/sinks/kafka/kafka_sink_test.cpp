#include "sinks/kafka/kafka_sink.hpp"

#include <algorithm>
#include <chrono>
#include <librdkafka/rdkafka.h>
#include <mutex>
#include <set>

#include "tests/catch.hpp"
#include "tests/unit/sinks/kafka/kafka_cluster.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;
using testing::KafkaCluster;
using testing::KafkaRecord;
using testing::OwnedRecords;
using Kind = Verdict::Kind;

constexpr const char* kPassword = "correct-horse-battery";

/// A sink of one topic in front of a cluster of fakes, and what it logs.
struct Bench {
  KafkaCluster cluster;
  KafkaSinkSettings settings;
  Labels labels;
  std::mutex mutex;
  std::vector<std::pair<LogLevel, std::string>> logged;
  std::unique_ptr<Sink> sink;
  std::stop_source stop;
  int batches = 0;

  explicit Bench(int brokers = 1) : cluster(brokers) {
    settings.brokers = cluster.addresses();
    settings.topic = "logs";
    settings.request_timeout = milliseconds(10'000);
    settings.properties = {{"reconnect.backoff.max.ms", "200"}};
  }

  Verdict send(const OwnedRecords& batch) {
    if (!sink) {
      auto made = make_kafka_sink(settings, labels, [this](LogLevel level, std::string text) {
        const std::lock_guard lock(mutex);
        logged.emplace_back(level, std::move(text));
      });
      REQUIRE(made);
      sink = std::move(made).value();
    }
    const std::string id = "b-" + std::to_string(++batches);
    SendContext context;
    context.stop = stop.get_token();
    context.batch_id = id;
    return sink->send(batch.records(), context);
  }

  Verdict send_lines(std::vector<std::string> lines) {
    return send(OwnedRecords(std::move(lines)));
  }
};

class KafkaPeer final : public testing::ContractPeer {
 public:
  explicit KafkaPeer(std::string compression, std::string acks)
      : compression_(std::move(compression)), acks_(std::move(acks)) {
    cluster_.create_topic("logs", 1);
  }
  std::unique_ptr<Sink> make_sink() override {
    KafkaSinkSettings settings;
    settings.brokers = cluster_.addresses();
    settings.topic = "logs";
    settings.compression = compression_;
    settings.acks = acks_;
    settings.request_timeout = milliseconds(3000);
    settings.properties = {{"reconnect.backoff.max.ms", "200"}};
    auto sink = make_kafka_sink(settings, {}, {});
    REQUIRE(sink);
    return std::move(sink).value();
  }
  std::size_t large_text() const override { return 900'000; }
  std::vector<std::string> lines() override { return cluster_.values("logs"); }
  std::uint64_t wire_bytes() override {
    std::uint64_t bytes = 0;
    for (const std::string& line : lines()) bytes += line.size();
    return bytes;
  }
  bool fail() override {
    // Without acknowledgements a batch counts as stored once it is written to the socket.
    if (acks_ == "0") return false;
    cluster_.set_down(true);
    return true;
  }
  void recover() override { cluster_.set_down(false); }
  bool hang() override {
    if (acks_ == "0") return false;
    cluster_.set_answer_delay(600'000);
    return true;
  }

 private:
  KafkaCluster cluster_;
  std::string compression_;
  std::string acks_;
};

std::vector<std::string> numbered(std::size_t first, std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = first; i < first + count; ++i) {
    lines.push_back(R"({"message":"order placed","n":)" + std::to_string(i) + "}");
  }
  return lines;
}

}  // namespace

TEST_CASE("kafka sink: keeps the contract of sinks", "[sinks][kafka]") {
  testing::run_sink_contract([] { return std::make_unique<KafkaPeer>("none", "all"); });
}

TEST_CASE("kafka sink: every compression arrives, with every kind of acknowledgement",
          "[sinks][kafka]") {
  for (const char* compression : {"gzip", "snappy", "lz4", "zstd"}) {
    Bench bench;
    bench.cluster.create_topic("logs", 1);
    bench.settings.compression = compression;
    bench.settings.acks = compression[0] == 'g' ? "1" : "all";
    CHECK(bench.send_lines(numbered(0, 300)).kind == Kind::ok);
    CHECK(bench.cluster.values("logs").size() == 300);
  }
}

TEST_CASE("kafka sink: a message has the record's time, its key and the labels", "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  bench.settings.key_field = "tenant";
  bench.labels = {{"app", "shop"}, {"env", "prod"}};
  OwnedRecords batch({R"({"log":{"context":{"tenant":"a\u00e4"},"message":"m"}})",
                      R"({"tenant":17})", R"({"tenant":{"no":"scalar"}})", R"({"other":1})"});
  batch.at(0).time = 1'700'000'000'123'456'789;
  REQUIRE(bench.send(batch).kind == Kind::ok);
  const std::vector<KafkaRecord> got = bench.cluster.read("logs");
  REQUIRE(got.size() == 4);
  CHECK(got[0].value == batch.lines()[0]);
  CHECK(got[0].time_ms == 1'700'000'000'123);
  CHECK(got[0].key == std::optional<std::string>("aä"));
  CHECK(got[1].key == std::optional<std::string>("17"));
  CHECK(!got[2].key);
  CHECK(!got[3].key);
  Labels headers = bench.labels;
  headers.emplace_back("fapilog-ship-id", record_id_text(batch.at(3).id));
  CHECK(got[3].headers == headers);
}

TEST_CASE("kafka sink: the same key goes to the partition that Java clients choose",
          "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 8);
  bench.settings.key_field = "k";
  // murmur2 of the key, without its sign bit, modulo 8; values as org.apache.kafka.common.utils
  // tests them.
  const std::pair<const char*, std::uint32_t> hashes[] = {
      {"21", static_cast<std::uint32_t>(-973932308)},
      {"foobar", static_cast<std::uint32_t>(-790332482)},
      {"a-little-bit-long-string", static_cast<std::uint32_t>(-985981536)},
      {"a-little-bit-longer-string", static_cast<std::uint32_t>(-1486304829)},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", static_cast<std::uint32_t>(-58897971)},
  };
  std::vector<std::string> lines;
  for (const auto& [key, hash] : hashes) lines.push_back(R"({"k":")" + std::string(key) + "\"}");
  REQUIRE(bench.send_lines(lines).kind == Kind::ok);
  std::size_t seen = 0;
  for (const KafkaRecord& record : bench.cluster.read("logs")) {
    for (const auto& [key, hash] : hashes) {
      if (record.key != std::optional<std::string>(key)) continue;
      ++seen;
      CHECK(record.partition == static_cast<std::int32_t>((hash & 0x7fffffff) % 8));
    }
  }
  CHECK(seen == std::size(hashes));
}

TEST_CASE("kafka sink: a topic may be named by the record's time and fields", "[sinks][kafka]") {
  Bench bench;
  for (const char* topic : {"logs-web-2026.11", "logs-a-b-c-2026.11", "logs-unknown-2026.11"}) {
    bench.cluster.create_topic(topic, 1);
  }
  bench.settings.topic = "logs-{service}-%Y.%m";
  REQUIRE(bench.send_lines({R"({"service":"web"})", R"({"service":"a/b c"})", "{}"}).kind ==
          Kind::ok);
  CHECK(bench.cluster.values("logs-web-2026.11").size() == 1);
  CHECK(bench.cluster.values("logs-a-b-c-2026.11").size() == 1);
  CHECK(bench.cluster.values("logs-unknown-2026.11").size() == 1);
}

TEST_CASE("kafka sink: a record that is too large is refused alone, the others are stored",
          "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  const std::string large = "{\"m\":\"" + std::string(1'100'000, 'x') + "\"}";
  const Verdict verdict = bench.send_lines({R"({"n":1})", large, R"({"n":3})"});
  REQUIRE(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 1);
  CHECK(verdict.items[0].index == 1);
  CHECK(!verdict.items[0].retry);
  CHECK(verdict.items[0].reason.find("too large") != std::string::npos);
  CHECK(bench.cluster.values("logs") == std::vector<std::string>{R"({"n":1})", R"({"n":3})"});
  CHECK(verdict.bytes_sent == 14);
  CHECK(bench.send_lines({large}).kind == Kind::reject);
}

TEST_CASE("kafka sink: what the broker refuses for one record is halved to find it",
          "[sinks][kafka]") {
  const int code = GENERATE(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
  Bench bench;
  REQUIRE(bench.send_lines({"{}"}).kind == Kind::ok);
  bench.cluster.fail_next(KafkaCluster::kProduce, {code, code, code});
  const Verdict verdict = bench.send_lines({R"({"n":1})"});
  CHECK(verdict.kind == Kind::split);
  CHECK(verdict.status == code);
  bench.cluster.forget_failures(KafkaCluster::kProduce);
  CHECK(bench.send_lines({R"({"n":1})"}).kind == Kind::ok);
}

TEST_CASE("kafka sink: an error that passes is repeated within the send, and stored once",
          "[sinks][kafka]") {
  const int code =
      GENERATE(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
               RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT);
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  REQUIRE(bench.send_lines(numbered(0, 1)).kind == Kind::ok);
  bench.cluster.fail_next(KafkaCluster::kProduce, {code, code});
  CHECK(bench.send_lines(numbered(1, 20)).kind == Kind::ok);
  CHECK(bench.cluster.values("logs") == numbered(0, 21));
}

TEST_CASE("kafka sink: a topic that may not be written is held, and tried again",
          "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  bench.cluster.fail_next(KafkaCluster::kProduce,
                          std::vector<int>(3, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  Verdict verdict = bench.send_lines(numbered(0, 3));
  CHECK(verdict.kind == Kind::hold);
  CHECK(verdict.status == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK(verdict.reason.find("may not write") != std::string::npos);
  CHECK(verdict.items.empty());
  bench.cluster.forget_failures(KafkaCluster::kProduce);
  CHECK(bench.send_lines(numbered(0, 3)).kind == Kind::ok);
  CHECK(bench.cluster.values("logs") == numbered(0, 3));
}

TEST_CASE("kafka sink: a topic that is not there is held, and found as soon as it is made",
          "[sinks][kafka]") {
  Bench bench;
  bench.settings.request_timeout = milliseconds(1500);
  bench.cluster.set_topic_error("logs", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  Verdict verdict = bench.send_lines(numbered(0, 3));
  INFO(verdict.reason);
  CHECK(verdict.kind == Kind::hold);
  CHECK(verdict.reason.find("create the topic") != std::string::npos);
  bench.cluster.set_topic_error("logs", 0);
  bench.settings.request_timeout = milliseconds(10'000);
  CHECK(bench.send_lines(numbered(0, 3)).kind == Kind::ok);
  CHECK(bench.cluster.values("logs").size() == 3);
}

TEST_CASE("kafka sink: a user without the right to write idempotently is held", "[sinks][kafka]") {
  Bench bench;
  bench.settings.request_timeout = milliseconds(3000);
  bench.cluster.fail_next(KafkaCluster::kInitProducerId,
                          std::vector<int>(3, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED));
  const Verdict verdict = bench.send_lines(numbered(0, 3));
  INFO(verdict.reason);
  CHECK(verdict.kind == Kind::hold);
  CHECK(verdict.reason.find("IdempotentWrite") != std::string::npos);
  bench.cluster.forget_failures(KafkaCluster::kInitProducerId);
  CHECK(bench.send_lines(numbered(0, 3)).kind == Kind::ok);
}

TEST_CASE("kafka sink: after a fatal error a new producer sends the batch again",
          "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  REQUIRE(bench.send_lines(numbered(0, 1)).kind == Kind::ok);
  bench.cluster.fail_next(KafkaCluster::kProduce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  Verdict verdict = bench.send_lines(numbered(1, 5));
  INFO(verdict.reason);
  CHECK(verdict.kind == Kind::retry);
  CHECK(verdict.reason.find("sequence") != std::string::npos);
  CHECK(bench.send_lines(numbered(1, 5)).kind == Kind::ok);
  CHECK(bench.send_lines(numbered(6, 2)).kind == Kind::ok);
  CHECK(bench.cluster.values("logs") == numbered(0, 8));
}

TEST_CASE("kafka sink: a batch that is not through in time goes on where it was, stored once",
          "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  bench.settings.request_timeout = milliseconds(300);
  const OwnedRecords first(numbered(0, 1));
  while (bench.send(first).kind != Kind::ok) continue;
  bench.cluster.set_answer_delay(2000);
  const OwnedRecords batch(numbered(1, 50));
  Verdict verdict = bench.send(batch);
  CHECK(verdict.kind == Kind::retry);
  CHECK(!verdict.reason.empty());
  bench.cluster.set_answer_delay(0);
  for (int i = 0; i < 60 && verdict.kind != Kind::ok; ++i) verdict = bench.send(batch);
  CHECK(verdict.kind == Kind::ok);
  CHECK(bench.cluster.values("logs") == numbered(0, 51));
}

TEST_CASE("kafka sink: brokers that are gone are told soon, and nothing is lost",
          "[sinks][kafka]") {
  Bench bench(3);
  bench.cluster.create_topic("logs", 1);
  REQUIRE(bench.send_lines(numbered(0, 1)).kind == Kind::ok);
  bench.cluster.set_down(true);
  Verdict verdict = bench.send_lines(numbered(1, 10));
  CHECK(verdict.kind == Kind::retry);
  CHECK(verdict.reason.find("no broker can be reached") != std::string::npos);
  CHECK(bench.send_lines(numbered(1, 10)).kind == Kind::retry);
  bench.cluster.set_down(false);
  for (int i = 0; i < 30 && verdict.kind != Kind::ok; ++i)
    verdict = bench.send_lines(numbered(1, 10));
  CHECK(verdict.kind == Kind::ok);
  CHECK(bench.cluster.values("logs") == numbered(0, 11));
}

TEST_CASE("kafka sink: records that are given up do not arrive after all", "[sinks][kafka]") {
  Bench bench;
  bench.cluster.create_topic("logs", 1);
  REQUIRE(bench.send_lines(numbered(0, 1)).kind == Kind::ok);
  bench.cluster.set_down(true);
  CHECK(bench.send_lines(numbered(1, 10)).kind == Kind::retry);
  SECTION("because they went elsewhere") { bench.sink->abandon(); }
  SECTION("because others came") { CHECK(bench.send_lines(numbered(11, 3)).kind == Kind::retry); }
  bench.cluster.set_down(false);
  Verdict verdict;
  verdict.kind = Kind::retry;
  for (int i = 0; i < 30 && verdict.kind != Kind::ok; ++i)
    verdict = bench.send_lines(numbered(11, 3));
  CHECK(verdict.kind == Kind::ok);
  std::vector<std::string> expected = numbered(0, 1);
  for (std::string& line : numbered(11, 3)) expected.push_back(std::move(line));
  CHECK(bench.cluster.values("logs") == expected);
}

TEST_CASE("kafka sink: nobody there is retry, told quickly, and ends at once", "[sinks][kafka]") {
  Bench bench;
  bench.settings.brokers = "127.0.0.1:1";
  bench.settings.username = "shipper";
  bench.settings.password = Secret::literal(kPassword);
  const Verdict verdict = bench.send_lines(numbered(0, 2));
  CHECK(verdict.kind == Kind::retry);
  CHECK(verdict.reason.find("127.0.0.1:1") != std::string::npos);
  CHECK(verdict.reason.find("refused") != std::string::npos);
  const auto begun = std::chrono::steady_clock::now();
  bench.sink.reset();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
  const std::lock_guard lock(bench.mutex);
  for (const auto& [level, text] : bench.logged) {
    CHECK(level == LogLevel::debug);
    CHECK(text.find(kPassword) == std::string::npos);
  }
}

TEST_CASE("kafka sink: settings that do not go together are refused at the start",
          "[sinks][kafka]") {
  const auto refusal = [](const std::function<void(KafkaSinkSettings&)>& change) {
    KafkaSinkSettings settings;
    settings.brokers = "127.0.0.1:1";
    settings.topic = "logs";
    change(settings);
    auto sink = make_kafka_sink(settings, {}, {});
    REQUIRE(!sink);
    CHECK(sink.error().kind == ErrorKind::config);
    return sink.error().message;
  };
  CHECK(refusal([](auto& settings) {
          settings.properties = {{"max.in.flight.requests.per.connection", "6"}};
        }).find("max.in.flight") != std::string::npos);
  CHECK(refusal([](auto& settings) {
          settings.tls = true;
          settings.ca_file = "/nowhere/ca.pem";
        }).find("ca.pem") != std::string::npos);
  CHECK(refusal([](auto& settings) { settings.topic = "{"; }).find("topic") == 0);
  CHECK(refusal([](auto& settings) {
          settings.username = "u";
          settings.password = Secret::from_file("/nowhere/password");
        }).find("password") == 0);
}

TEST_CASE("kafka sink: a probe tells of brokers and partitions, and makes no topic",
          "[sinks][kafka]") {
  Bench bench(2);
  bench.cluster.create_topic("logs", 3);
  const auto probe = [&bench](const char* topic) {
    bench.settings.topic = topic;
    auto sink = make_kafka_sink(bench.settings, {}, {});
    REQUIRE(sink);
    const Result<std::string> found = sink.value()->probe({});
    return found ? found.value() : "FAILED " + found.error().message;
  };
  CHECK(probe("logs") == "2 brokers; topic logs has 3 partitions");
  CHECK(probe("logs-{service}") == "2 brokers; the topic depends on the record");
  bench.cluster.set_topic_error("secret", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK(probe("secret").find("FAILED") == 0);
  bench.cluster.set_topic_error("gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  CHECK(probe("gone").find("there is no topic gone yet") != std::string::npos);
  bench.cluster.set_down(true);
  CHECK(probe("logs").find("FAILED no broker can be reached") == 0);
}

}  // namespace ship
