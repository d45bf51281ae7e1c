#include "sinks/kafka/kafka_sink.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/field.hpp"
#include "record/json_text.hpp"
#include "sinks/answer.hpp"
#include "sinks/kafka/kafka_probe.hpp"
#include "sinks/kafka/kafka_producer.hpp"
#include "sinks/name_pattern.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// How long all brokers may be unreachable before an attempt ends; an immediate reconnect is not a
/// failure.
constexpr milliseconds kPatience{500};
constexpr milliseconds kTendEvery{5000};
constexpr std::size_t kMaxTopicBytes = 249;

std::vector<std::string> looked_up(const KafkaSinkSettings& settings, const NamePattern& topic) {
  std::vector<std::string> paths = {settings.key_field.empty() ? "key" : settings.key_field};
  paths.insert(paths.end(), topic.fields().begin(), topic.fields().end());
  return paths;
}

/// Characters that a topic name cannot hold become "-".
void make_topic_name(std::string& name) {
  name.resize(std::min(name.size(), kMaxTopicBytes));
  for (char& c : name) {
    const bool allowed = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                         (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    if (!allowed) c = '-';
  }
  if (name.empty() || name == "." || name == "..") name = "unknown";
}

class KafkaSink final : public Sink {
 public:
  KafkaSink(const KafkaSinkSettings& settings, const Labels& labels, NamePattern topic,
            LogFunction log)
      : settings_(settings),
        topic_(std::move(topic)),
        finder_(looked_up(settings, topic_)),
        looks_up_(!settings.key_field.empty() || !topic_.fields().empty()),
        log_(log),
        labels_(labels),
        producer_(settings, labels, std::move(log)) {}

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  Result<std::string> probe(const std::stop_token& stop) override;
  /// For each message its topic, key, time and headers as JSON, then its value.
  std::string payload(std::span<const Record> records) override;
  void abandon() override { producer_.abandon(); }
  std::optional<SteadyTime> wake_at() const override { return tended_ + kTendEvery; }
  void wake() override {
    producer_.tend();
    tended_ = std::chrono::steady_clock::now();
  }

 private:
  Result<void> begin(std::span<const Record> records);
  /// Its views live until the next call.
  KafkaProducer::Message message_of(const Record& record);

  const KafkaSinkSettings settings_;
  NamePattern topic_;
  FieldFinder finder_;  ///< key_field, then the fields of topic_
  const bool looks_up_;
  const LogFunction log_;
  const Labels labels_;
  KafkaProducer producer_;
  SteadyTime tended_ = std::chrono::steady_clock::now();
  std::string name_;  ///< the topic of the current record
};

Result<void> KafkaSink::begin(std::span<const Record> records) {
  std::size_t bytes = 0;
  for (const Record& record : records) bytes += record.line.size();
  // A key is part of its record, so it is no longer than the record.
  const std::size_t keys = settings_.key_field.empty() ? 0 : bytes;
  if (Result<void> begun = producer_.begin(records.size(), bytes + keys); !begun) return begun;
  for (const Record& record : records) {
    producer_.add(message_of(record));
  }
  return {};
}

KafkaProducer::Message KafkaSink::message_of(const Record& record) {
  KafkaProducer::Message message;
  std::span<const Field> fields;
  if (looks_up_) fields = finder_.find(record.line);
  topic_.render(record.time, fields.empty() ? fields : fields.subspan(1), name_);
  make_topic_name(name_);
  message.topic = name_;
  message.value = record.line;
  message.time_ms = record.time / 1'000'000;
  message.id = record.id;
  if (!settings_.key_field.empty() && fields[0].is_scalar()) {
    message.has_key = true;
    message.key = fields[0].text;
  }
  return message;
}

std::string KafkaSink::payload(std::span<const Record> records) {
  std::string text;
  const auto member = [&text](std::string_view before, std::string_view value) {
    text += before;
    append_json_string(text, value);
  };
  for (const Record& record : records) {
    const KafkaProducer::Message message = message_of(record);
    member(R"({"topic":)", message.topic);
    if (message.has_key) member(R"(,"key":)", message.key);
    text += R"(,"timestamp":)" + std::to_string(message.time_ms) + R"(,"headers":{)";
    for (const auto& [name, value] : labels_) {
      append_json_string(text, name);
      member(":", value);
      text += ',';
    }
    append_json_string(text, KafkaProducer::kIdHeader);
    member(":", record_id_text(message.id));
    text += "}}\n";
    text.append(message.value).append("\n");
  }
  return text;
}

Verdict KafkaSink::send(std::span<const Record> records, const SendContext& context) {
  tended_ = std::chrono::steady_clock::now();
  if (context.stop.stop_requested()) {
    return Verdict::of(Verdict::Kind::retry, 0, "stopped before it was sent");
  }
  const Result<void> ready = producer_.goes_on_with(records) ? producer_.go_on() : begin(records);
  if (!ready) return classify_no_answer(ready.error());
  producer_.wait(settings_.request_timeout, std::min(kPatience, settings_.request_timeout / 10),
                 context.stop);
  Verdict verdict = settle_kafka_reports(producer_.reports(), producer_.trouble());
  producer_.settle();
  verdict.bytes_sent = producer_.take_stored_bytes();
  return verdict;
}

Result<std::string> KafkaSink::probe(const std::stop_token& stop) {
  if (!topic_.fields().empty()) return probe_kafka(settings_, "", stop);
  topic_.render(system_clock().wall(), {}, name_);
  make_topic_name(name_);
  return probe_kafka(settings_, name_, stop);
}

}  // namespace

Result<std::unique_ptr<Sink>> make_kafka_sink(const KafkaSinkSettings& settings,
                                              const Labels& labels, LogFunction log) {
  Result<NamePattern> topic = NamePattern::parse(settings.topic);
  if (!topic) return std::move(topic).error().in("topic");
  // Shows what librdkafka says about the settings as a whole, without connecting.
  auto client =
      KafkaClient::make(settings, KafkaClient::Role::producer, log, nullptr, /*offline=*/true);
  if (!client) return std::move(client).error();
  return std::unique_ptr<Sink>(std::make_unique<KafkaSink>(
      settings, labels, std::move(topic).value(),
      [log = std::move(log)](LogLevel level, std::string text) {
        // Messages about a setting have already been reported once.
        if (log) log(level == LogLevel::warning ? LogLevel::debug : level, std::move(text));
      }));
}

}  // namespace ship
