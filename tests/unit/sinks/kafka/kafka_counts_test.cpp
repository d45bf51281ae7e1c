#include <librdkafka/rdkafka.h>
#include <poll.h>

#include "assembly/ship.hpp"
#include "sinks/kafka/kafka_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/pipe.hpp"
#include "tests/unit/sinks/kafka/kafka_cluster.hpp"

namespace ship {
namespace {

using namespace std::chrono_literals;
using testing::KafkaCluster;

/// One answer of the brokers, and what the books say of eight records after it.
struct Row {
  const char* what;
  std::vector<int> produce;  ///< codes of the answers to the first requests that carry records
  bool oversize = false;     ///< one more record that is larger than librdkafka takes
  std::uint64_t delivered = 8;
  std::uint64_t rejected = 0;
  bool retried = false;  ///< by the worker; what librdkafka repeats by itself is none
};

const Row kRows[] = {
    {"all is well", {}},
    {"an error that passes", {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS}},
    {"a connection that breaks", {RD_KAFKA_RESP_ERR__TRANSPORT}},
    {"a record that is too large", {}, true, 8, 1},
    {"a request that is too large", {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE}},
    {"a record that the broker finds invalid", {RD_KAFKA_RESP_ERR_INVALID_RECORD}},
    {"a fatal error", {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER}, false, 8, 0, true},
    {"no right to write", {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED}, false, 8, 0, true},
};

LaneSnapshot run(const Row& row, KafkaCluster& cluster) {
  SinkSettings sink;
  sink.name = "kafka";
  sink.delivery.workers = 1;
  sink.delivery.batch_timeout = 0ms;
  sink.delivery.drain_timeout = 30s;
  sink.delivery.retry_base = 10ms;
  sink.delivery.retry_max = 50ms;
  sink.delivery.breaker_interval = 50ms;
  sink.queue.drop_on_full = false;
  KafkaSinkSettings kafka;
  kafka.brokers = cluster.addresses();
  kafka.topic = "logs";
  sink.kind = kafka;
  Settings settings;
  settings.input.max_line_bytes = 4u << 20;
  settings.sinks = {sink};
  Pipe pipe;
  std::vector<OpenInput> inputs;
  inputs.push_back({std::move(pipe.read), "a pipe", Stream::standard_output});
  auto built = Ship::build(settings, SinkEnvironment{}, std::move(inputs));
  REQUIRE(built.ok());
  const std::unique_ptr<Ship> ship = std::move(built).value();
  ship->start();
  std::string text;
  for (int i = 0; i < 8; ++i) {
    text += "{\"n\":" + std::to_string(i) + "}\n";
    if (i == 3 && row.oversize) text += "{\"x\":\"" + std::string(1'100'000, 'x') + "\"}\n";
  }
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t n = ::write(pipe.write.get(), rest.data(), rest.size());
    if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
  }
  pipe.write.reset();
  pollfd done{ship->done_fd(), POLLIN, 0};
  REQUIRE(::poll(&done, 1, 60'000) == 1);
  ship->finish();
  return ship->snapshot().sinks.at(0);
}

}  // namespace

TEST_CASE("kafka sink: the books are right after each kind of answer", "[sinks][kafka]") {
  for (const Row& row : kRows) {
    INFO(row.what);
    KafkaCluster cluster;
    cluster.create_topic("logs", 1);
    cluster.fail_next(KafkaCluster::kProduce, row.produce);
    const LaneSnapshot end = run(row, cluster);
    CHECK(end.counts.submitted == row.delivered + row.rejected);
    CHECK(end.counts.delivered == row.delivered);
    CHECK(end.counts.dropped[static_cast<std::size_t>(Ending::rejected)] == row.rejected);
    CHECK(end.counts.balanced());
    CHECK((end.retries > 0) == row.retried);
    std::vector<std::string> expected;
    for (int i = 0; i < 8; ++i) expected.push_back("{\"n\":" + std::to_string(i) + "}");
    CHECK(cluster.values("logs") == expected);
  }
}

}  // namespace ship
