#include "sinks/kafka/kafka_answer.hpp"

#include <librdkafka/rdkafka.h>

#include "sinks/kafka/kafka_properties.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using State = KafkaReport::State;

constexpr KafkaReport kStored{State::stored, 0, false};
constexpr KafkaReport kPending{State::pending, 0, false};
constexpr KafkaReport kTooLarge{State::failed, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, true};
constexpr KafkaReport kTooLargeThere{State::failed, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, false};
constexpr KafkaReport kForbidden{State::failed, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                 false};
constexpr KafkaReport kPurged{State::failed, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, false};

Verdict settle(std::vector<KafkaReport> reports, std::optional<KafkaTrouble> trouble = {}) {
  return settle_kafka_reports(reports, trouble);
}

std::string problem(const char* name, const char* value) {
  const auto found = check_kafka_property(name, value);
  return found ? found->message : "";
}

}  // namespace

TEST_CASE("kafka answer: each code means what the table says", "[sinks][kafka]") {
  const std::pair<int, Kind> rows[] = {
      {RD_KAFKA_RESP_ERR_NO_ERROR, Kind::ok},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Kind::split},
      {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Kind::split},
      {RD_KAFKA_RESP_ERR_INVALID_RECORD, Kind::split},
      {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, Kind::split},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Kind::hold},
      {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Kind::hold},
      {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, Kind::hold},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, Kind::hold},
      {RD_KAFKA_RESP_ERR__SSL, Kind::hold},
      {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Kind::hold},
      {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, Kind::hold},
      {RD_KAFKA_RESP_ERR__QUEUE_FULL, Kind::retry},
      {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, Kind::retry},
      {RD_KAFKA_RESP_ERR__TRANSPORT, Kind::retry},
      {RD_KAFKA_RESP_ERR__FATAL, Kind::retry},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, Kind::retry},
      {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, Kind::retry},
      {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, Kind::retry},
      {9999, Kind::retry},
  };
  for (const auto& [code, kind] : rows) {
    INFO(code);
    CHECK(kafka_kind(code) == kind);
    CHECK(!describe_kafka_code(code).empty());
  }
}

TEST_CASE("kafka answer: all alike is one verdict for the whole", "[sinks][kafka]") {
  CHECK(settle({kStored, kStored}).kind == Kind::ok);
  CHECK(settle({kPending, kPending}).kind == Kind::retry);
  CHECK(settle({kPending, kPurged}).kind == Kind::retry);
  CHECK(settle({kForbidden, kForbidden}).kind == Kind::hold);
  CHECK(settle({kPending, kForbidden}).kind == Kind::hold);
  CHECK(settle({kTooLargeThere, kTooLargeThere}).kind == Kind::split);
  CHECK(settle({kTooLargeThere, kPending}).kind == Kind::retry);
  CHECK(settle({kTooLarge}).kind == Kind::reject);
}

TEST_CASE("kafka answer: once one is stored or refused, each of the others is named",
          "[sinks][kafka]") {
  const Verdict verdict = settle({kStored, kTooLarge, kPending, kForbidden, kTooLargeThere});
  REQUIRE(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 4);
  const bool again[] = {false, true, true, true};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(verdict.items[i].index == i + 1);
    CHECK(verdict.items[i].retry == again[i]);
    CHECK(!verdict.items[i].reason.empty());
  }
  const Verdict both = settle({kTooLarge, kTooLarge});
  CHECK(both.kind == Kind::partial);
  CHECK(both.items.size() == 2);
}

TEST_CASE("kafka answer: what the client complains of explains what is pending", "[sinks][kafka]") {
  const Verdict refused = settle({kPending}, KafkaTrouble{RD_KAFKA_RESP_ERR__AUTHENTICATION, "no"});
  CHECK(refused.kind == Kind::hold);
  CHECK(refused.reason == "no");
  CHECK(
      settle({kPurged}, KafkaTrouble{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "no"}).kind ==
      Kind::hold);
  const Verdict down = settle({kPending}, KafkaTrouble{RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "x"});
  CHECK(down.kind == Kind::retry);
  CHECK(down.reason == "x");
  CHECK(settle({kStored, kPending}, KafkaTrouble{RD_KAFKA_RESP_ERR__AUTHENTICATION, "no"}).kind ==
        Kind::partial);
  const KafkaReport throttled{State::failed, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, false};
  CHECK(settle({throttled}).status == 429);
}

TEST_CASE("kafka properties: known ones pass, others are told with a reason", "[sinks][kafka]") {
  CHECK(problem("linger.ms", "20").empty());
  CHECK(problem("partitioner", "random").empty());
  CHECK(problem("sasl.kerberos.service.name", "kafka").empty());
  CHECK(problem("linger.ms", "soon").find("linger.ms") != std::string::npos);
  CHECK(problem("linger.ms", "-1").find("range") != std::string::npos);
  CHECK(problem("linger.sm", "1").find("no property") != std::string::npos);
  CHECK(check_kafka_property("linger.sm", "1")->unknown);
  CHECK(problem("bootstrap.servers", "x").find("URL") != std::string::npos);
  CHECK(problem("queue.buffering.max.kbytes", "1").find("memory") != std::string::npos);
  CHECK(problem("delivery.report.only.error", "true").find("delivered") != std::string::npos);
  CHECK(problem("dr_msg_cb", "x").find("not text") != std::string::npos);
  const std::vector<std::string> names = kafka_property_names();
  CHECK(std::find(names.begin(), names.end(), "linger.ms") != names.end());
  CHECK(std::find(names.begin(), names.end(), "message.max.bytes") != names.end());
  CHECK(std::find(names.begin(), names.end(), "acks") == names.end());
  // Every name that is offered can be set by somebody, or is refused with its value, not as
  // unknown.
  for (const std::string& name : names) {
    const auto found = check_kafka_property(name, "");
    CHECK((!found || !found->unknown));
  }
}

}  // namespace ship
