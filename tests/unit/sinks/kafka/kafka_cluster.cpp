#include "tests/unit/sinks/kafka/kafka_cluster.hpp"

#include <array>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdexcept>

namespace ship::testing {
namespace {

rd_kafka_t* make_handle(rd_kafka_type_t type, const std::string& addresses) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> why{};
  rd_kafka_conf_set(conf, "log_level", "0", why.data(), why.size());
  if (!addresses.empty()) {
    rd_kafka_conf_set(conf, "bootstrap.servers", addresses.c_str(), why.data(), why.size());
  }
  if (type == RD_KAFKA_CONSUMER) {
    rd_kafka_conf_set(conf, "group.id", "tests", why.data(), why.size());
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", why.data(), why.size());
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", why.data(), why.size());
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", why.data(), why.size());
  }
  rd_kafka_t* handle = rd_kafka_new(type, conf, why.data(), why.size());
  if (handle == nullptr) throw std::runtime_error(why.data());
  return handle;
}

KafkaRecord copy(const rd_kafka_message_t& message) {
  KafkaRecord record;
  record.value.assign(static_cast<const char*>(message.payload), message.len);
  if (message.key != nullptr) {
    record.key = std::string(static_cast<const char*>(message.key), message.key_len);
  }
  record.partition = message.partition;
  rd_kafka_timestamp_type_t type;
  record.time_ms = rd_kafka_message_timestamp(&message, &type);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name;
    const void* value;
    std::size_t size;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
  }
  return record;
}

}  // namespace

KafkaCluster::KafkaCluster(int brokers)
    : handle_(make_handle(RD_KAFKA_PRODUCER, "")),
      cluster_(rd_kafka_mock_cluster_new(handle_, brokers)) {}

KafkaCluster::~KafkaCluster() {
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(handle_);
}

std::string KafkaCluster::addresses() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

void KafkaCluster::create_topic(const std::string& name, int partitions) {
  rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1);
}

void KafkaCluster::fail_next(std::int16_t request, const std::vector<int>& codes) {
  std::vector<rd_kafka_resp_err_t> errors;
  for (const int code : codes) errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
}

void KafkaCluster::forget_failures(std::int16_t request) {
  rd_kafka_mock_clear_request_errors(cluster_, request);
}

void KafkaCluster::set_topic_error(const std::string& name, int code) {
  rd_kafka_mock_topic_set_error(cluster_, name.c_str(), static_cast<rd_kafka_resp_err_t>(code));
}

void KafkaCluster::set_down(bool down) {
  if (down) {
    rd_kafka_mock_broker_set_down(cluster_, -1);
  } else {
    rd_kafka_mock_broker_set_up(cluster_, -1);
  }
}

void KafkaCluster::set_answer_delay(int ms) { rd_kafka_mock_broker_set_rtt(cluster_, -1, ms); }

std::vector<KafkaRecord> KafkaCluster::read(const std::string& topic) const {
  rd_kafka_t* consumer = make_handle(RD_KAFKA_CONSUMER, addresses());
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  std::vector<KafkaRecord> records;
  if (rd_kafka_metadata(consumer, 0, handle, &metadata, 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    for (int partition = 0; partition < count; ++partition) {
      rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
      rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
      rd_kafka_assign(consumer, list);
      rd_kafka_topic_partition_list_destroy(list);
      for (bool more = true; more;) {
        rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 10'000);
        more = message != nullptr && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (more && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) records.push_back(copy(*message));
        if (message != nullptr) rd_kafka_message_destroy(message);
      }
    }
  }
  rd_kafka_topic_destroy(handle);
  rd_kafka_assign(consumer, nullptr);
  rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return records;
}

std::vector<std::string> KafkaCluster::values(const std::string& topic) const {
  std::vector<std::string> values;
  for (KafkaRecord& record : read(topic)) values.push_back(std::move(record.value));
  return values;
}

}  // namespace ship::testing
