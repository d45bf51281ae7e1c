#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "record/record.hpp"
#include "sinks/kafka/kafka_answer.hpp"
#include "sinks/kafka/kafka_client.hpp"

struct rd_kafka_topic_s;
struct rd_kafka_headers_s;

namespace ship {

/// Sends one batch at a time, and knows for each record whether a broker has it. Belongs to one
/// thread.
///
/// librdkafka keeps what it was given until a broker acknowledges it, through reconnects and for as
/// long as it takes, and lets the brokers recognise what they already have: that keeps a record
/// from being stored twice. So a batch that is not through when the time is over stays where it is,
/// and sending the same records again resumes the wait for them.
class KafkaProducer final : private KafkaClient::Listener {
 public:
  struct Message {
    std::string_view topic;
    std::string_view value;
    std::string_view key;
    bool has_key = false;
    std::int64_t time_ms = 0;
    RecordId id;
  };

  /// The header with a record's identity, by which a consumer recognises one that came twice.
  static constexpr std::string_view kIdHeader = "fapilog-ship-id";

  /// `headers` go with every record, before its identity. Starts nothing yet.
  KafkaProducer(KafkaSinkSettings settings, Labels headers, LogFunction log);
  ~KafkaProducer() override;

  /// Whether `records` are exactly, in order, what the last batch left over. False if the brokers
  /// are unreachable and a certificate has changed: the records then start over, with a new client.
  bool goes_on_with(std::span<const Record> records);
  /// Continues with them, using the current password. Errors: as `begin`.
  Result<void> go_on() { return client_->refresh_credentials(); }
  /// Drops what the last batch left over, and begins another of up to this many bytes and records.
  /// Errors: config, for settings that librdkafka or a file refuses.
  Result<void> begin(std::size_t records, std::size_t bytes);
  /// Adds one record to the batch; at most as many as `begin` was given. Copies the views.
  void add(const Message& message);
  /// Once all records are added, and again after `goes_on_with`: sends what librdkafka does not
  /// have yet, and waits until all reports are in, `wait` is over, `stop` fires, or the brokers
  /// have been unreachable for `patience`.
  void wait(std::chrono::milliseconds wait, std::chrono::milliseconds patience,
            const std::stop_token& stop);

  /// One report for each record of the last `begin` or `goes_on_with`, in order.
  std::vector<KafkaReport> reports() const;
  /// Why some records are pending.
  std::optional<KafkaTrouble> trouble() const;
  /// Bytes of keys and values stored since the last call.
  std::uint64_t take_stored_bytes();
  /// Forgets records that are stored or refused, and keeps the others for `goes_on_with`; drops a
  /// client that is broken for good or needs the operator.
  void settle();
  /// Takes back what is pending, unless it has already been sent.
  void abandon();
  /// Handles what has come in the meantime; call it now and then while nothing is sent.
  void tend();

 private:
  struct Entry {
    std::size_t value_at = 0;
    std::size_t value_size = 0;
    std::size_t key_at = 0;
    std::size_t key_size = 0;
    bool has_key = false;
    bool handed_over = false;  ///< given to librdkafka
    std::int64_t time_ms = 0;
    RecordId id;
    rd_kafka_topic_s* topic = nullptr;
    KafkaReport report;
  };

  void on_report(void* opaque, int code) override;
  rd_kafka_topic_s* topic(std::string_view name);
  bool hand_over(std::size_t index);
  void drop_client();

  const KafkaSinkSettings settings_;
  const LogFunction log_;
  rd_kafka_headers_s* headers_ = nullptr;
  std::unique_ptr<KafkaClient> client_;
  std::unordered_map<std::string, rd_kafka_topic_s*> topics_;
  std::string topic_name_;
  std::string bytes_;  ///< never grows while librdkafka points into it
  std::vector<Entry> entries_;
  std::vector<std::size_t> live_;  ///< the entries of the current batch
  std::size_t pending_ = 0;        ///< handed over, but not yet reported
  std::uint64_t stored_bytes_ = 0;
};

}  // namespace ship
