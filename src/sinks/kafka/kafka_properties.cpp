#include "sinks/kafka/kafka_properties.hpp"

#include <algorithm>
#include <array>
#include <librdkafka/rdkafka.h>
#include <memory>

namespace ship {
namespace {

struct PropertiesDeleter {
  void operator()(rd_kafka_conf_t* properties) const { rd_kafka_conf_destroy(properties); }
};
using OwnedProperties = std::unique_ptr<rd_kafka_conf_t, PropertiesDeleter>;

struct OwnedRow {
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kBrokers = "the brokers stand in the URL";
constexpr std::string_view kTime =
    "a record is kept until it is delivered or delivery.retry_max_elapsed is over";
constexpr std::string_view kMemory =
    "what waits in memory is bounded by delivery.batch_size and delivery.batch_max_bytes";
constexpr std::string_view kEvents = "nobody would hear of these events";
constexpr std::string_view kCallback = "this is not text; only a program can set it";

constexpr OwnedRow kOwned[] = {
    {"bootstrap.servers", kBrokers},
    {"metadata.broker.list", kBrokers},
    {"acks", "set acks of the sink"},
    {"request.required.acks", "set acks of the sink"},
    {"compression.codec", "set compression of the sink"},
    {"compression.type", "set compression of the sink"},
    {"message.timeout.ms", kTime},
    {"delivery.timeout.ms", kTime},
    {"queue.buffering.max.messages", kMemory},
    {"queue.buffering.max.kbytes", kMemory},
    {"queue.buffering.backpressure.threshold", kMemory},
    {"queuing.strategy", "it would break the order of records"},
    {"delivery.report.only.error", "without reports nobody knows what was delivered"},
    {"enable.gapless.guarantee", "one record that is refused would stop all others"},
    {"transactional.id", "records are sent without transactions"},
    {"transaction.timeout.ms", "records are sent without transactions"},
    {"sasl.username", "set username of the sink"},
    {"sasl.password", "set password of the sink, or password_file"},
    {"ssl.ca.location", "set ca_file of the sink"},
    {"ssl.certificate.location", "set cert_file of the sink"},
    {"ssl.key.location", "set key_file of the sink"},
    {"enable.ssl.certificate.verification", "set tls_verify of the sink"},
    {"statistics.interval.ms", kEvents},
    {"enabled_events", kEvents},
    {"log.queue", kEvents},
    {"test.mock.num.brokers", "it would put brokers that store nothing in the place of yours"},
    {"internal.termination.signal", "signals are the shipper's own"},
    {"plugin.library.paths", "what a plugin does with records nobody can promise"},
    {"opaque", kCallback},
    {"default_topic_conf", kCallback},
    {"builtin.features", "it tells what librdkafka was built with"},
};

constexpr OwnedRow kCallbacks[] = {
    {"error_cb", kCallback},
    {"throttle_cb", kCallback},
    {"stats_cb", kCallback},
    {"log_cb", kCallback},
    {"background_event_cb", kCallback},
    {"socket_cb", kCallback},
    {"connect_cb", kCallback},
    {"closesocket_cb", kCallback},
    {"open_cb", kCallback},
    {"resolve_cb", kCallback},
    {"ssl_key", kCallback},
    {"ssl_certificate", kCallback},
    {"ssl_ca", kCallback},
    {"ssl_engine_callback_data", kCallback},
    {"ssl.certificate.verify_cb", kCallback},
    {"oauthbearer_token_refresh_cb", kCallback},
    {"consume_cb", kCallback},
    {"rebalance_cb", kCallback},
    {"offset_commit_cb", kCallback},
    {"dr_cb", kCallback},
    {"dr_msg_cb", kCallback},
    {"partitioner_cb", kCallback},
    {"msg_order_cmp", kCallback},
    {"interceptors", kCallback},
};

const OwnedRow* find_owned(std::string_view name) {
  for (const OwnedRow& row : kOwned) {
    if (row.name == name) return &row;
  }
  for (const OwnedRow& row : kCallbacks) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> kafka_property_names() {
  const OwnedProperties conf(rd_kafka_conf_new());
  std::vector<std::string> names;
  std::size_t count = 0;
  const char** pairs = rd_kafka_conf_dump(conf.get(), &count);
  for (std::size_t i = 0; i + 1 < count; i += 2) names.emplace_back(pairs[i]);
  rd_kafka_conf_dump_free(pairs, count);
  rd_kafka_topic_conf_t* topic = rd_kafka_topic_conf_new();
  pairs = rd_kafka_topic_conf_dump(topic, &count);
  for (std::size_t i = 0; i + 1 < count; i += 2) names.emplace_back(pairs[i]);
  rd_kafka_conf_dump_free(pairs, count);
  rd_kafka_topic_conf_destroy(topic);
  // Aliases are accepted but not listed.
  for (const char* alias : {"linger.ms", "max.in.flight", "retries", "sasl.mechanism"}) {
    names.emplace_back(alias);
  }
  std::erase_if(names, [](const std::string& name) { return find_owned(name) != nullptr; });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<KafkaPropertyProblem> check_kafka_property(std::string_view name,
                                                         std::string_view value) {
  if (const OwnedRow* row = find_owned(name)) {
    return KafkaPropertyProblem{false, "cannot be set here: " + std::string(row->reason)};
  }
  const OwnedProperties conf(rd_kafka_conf_new());
  std::array<char, 512> why{};
  switch (rd_kafka_conf_set(conf.get(), std::string(name).c_str(), std::string(value).c_str(),
                            why.data(), why.size())) {
    case RD_KAFKA_CONF_OK:
      return std::nullopt;
    case RD_KAFKA_CONF_UNKNOWN:
      return KafkaPropertyProblem{true, "librdkafka has no property of this name"};
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  return KafkaPropertyProblem{
      false, "librdkafka does not take this value of " + std::string(name) + ": " + why.data()};
}

}  // namespace ship
