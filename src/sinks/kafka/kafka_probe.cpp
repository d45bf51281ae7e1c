#include "sinks/kafka/kafka_probe.hpp"

#include <algorithm>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <optional>
#include <span>

#include "base/number_text.hpp"
#include "sinks/kafka/kafka_client.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// How long one request may take before we check whether something went wrong.
constexpr milliseconds kSlice{80};

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Topic = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

/// librdkafka's counts are never negative.
std::string count(int number, const char* noun) {
  return counted(static_cast<std::uint64_t>(number), noun);
}

/// What the brokers know; only about `topic` if it is set.
Result<Metadata> fetch(KafkaClient& client, const KafkaSinkSettings& settings,
                       rd_kafka_topic_t* topic, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + settings.request_timeout;
  while (true) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code =
        rd_kafka_metadata(client.handle(), 0, topic, &metadata, static_cast<int>(kSlice.count()));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata(metadata);
    client.poll(milliseconds{0});
    const std::optional<KafkaTrouble>& trouble = client.fatal() ? client.fatal() : client.trouble();
    if (trouble) {
      const bool refused = kafka_kind(trouble->code) == Verdict::Kind::hold;
      // The first request on a connection, which another product does not answer.
      const bool dumb = trouble->reason.find("ApiVersionRequest") != std::string::npos;
      return Error{refused ? ErrorKind::permanent : ErrorKind::transient,
                   trouble->reason + (dumb ? "; is this Apache Kafka?" : "")};
    }
    if (stop.stop_requested() || std::chrono::steady_clock::now() >= until) {
      return Error{
          ErrorKind::transient,
          settings.brokers + ": no broker answers; " +
              (client.last_failure().empty() ? "is this Apache Kafka?" : client.last_failure())};
    }
  }
}

}  // namespace

Result<std::string> probe_kafka(const KafkaSinkSettings& settings, const std::string& topic,
                                const std::stop_token& stop) {
  auto client = KafkaClient::make(settings, KafkaClient::Role::observer, {});
  if (!client) return std::move(client).error();
  rd_kafka_t* handle = client.value()->handle();
  Topic named;
  if (!topic.empty()) named.reset(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  const Result<Metadata> fetched = fetch(*client.value(), settings, named.get(), stop);
  if (!fetched) return fetched.error();
  const rd_kafka_metadata_t& metadata = *fetched.value();
  std::string found = count(metadata.broker_cnt, "broker");
  if (!settings.username.empty()) found += ", signed in as " + settings.username;
  if (topic.empty()) return found + "; the topic depends on the record";
  const rd_kafka_metadata_topic_t* seen = metadata.topic_cnt == 1 ? metadata.topics : nullptr;
  const rd_kafka_resp_err_t code =
      seen == nullptr ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : seen->err;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && seen->partition_cnt > 0) {
    const std::span partitions(seen->partitions, static_cast<std::size_t>(seen->partition_cnt));
    const auto leaderless =
        std::count_if(partitions.begin(), partitions.end(),
                      [](const auto& partition) { return partition.leader < 0; });
    found += "; topic " + topic + " has " + count(seen->partition_cnt, "partition");
    if (leaderless == 0) return found;
    return Error{ErrorKind::transient, settings.brokers + ": " + found + ", of which " +
                                           std::to_string(leaderless) +
                                           " have no leader now and take nothing"};
  }
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return found + "; there is no topic " + topic +
           " yet: create it, unless the brokers do with the first record "
           "(auto.create.topics.enable)";
  }
  return Error{ErrorKind::permanent, settings.brokers + ": " + found + "; topic " + topic + ": " +
                                         describe_kafka_code(code)};
}

}  // namespace ship
