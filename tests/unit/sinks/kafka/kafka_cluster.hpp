#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct rd_kafka_s;
struct rd_kafka_mock_cluster_s;

namespace ship::testing {

/// What a consumer reads back.
struct KafkaRecord {
  std::string value;
  std::optional<std::string> key;
  std::int32_t partition = 0;
  std::int64_t time_ms = 0;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// A cluster of librdkafka's own fake brokers, on loopback ports. Topics come into being when they
/// are first asked for, with `partitions`.
class KafkaCluster {
 public:
  /// Kinds of requests, as the protocol numbers them.
  static constexpr std::int16_t kProduce = 0;
  static constexpr std::int16_t kMetadata = 3;
  static constexpr std::int16_t kInitProducerId = 22;

  explicit KafkaCluster(int brokers = 1);
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  /// "127.0.0.1:40001,127.0.0.1:40002"
  std::string addresses() const;
  void create_topic(const std::string& name, int partitions);
  /// The next requests of this kind are answered with these codes, one each.
  void fail_next(std::int16_t request, const std::vector<int>& codes);
  void forget_failures(std::int16_t request);
  /// Whoever asks for the topic gets this code; 0: it is well again.
  void set_topic_error(const std::string& name, int code);
  void set_down(bool down);
  void set_answer_delay(int ms);

  /// Everything in the topic, partition by partition.
  std::vector<KafkaRecord> read(const std::string& topic) const;
  std::vector<std::string> values(const std::string& topic) const;

 private:
  rd_kafka_s* handle_ = nullptr;
  rd_kafka_mock_cluster_s* cluster_ = nullptr;
};

}  // namespace ship::testing
