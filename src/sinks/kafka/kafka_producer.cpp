#include "sinks/kafka/kafka_producer.hpp"

#include <algorithm>
#include <librdkafka/rdkafka.h>
#include <utility>

namespace ship {

using std::chrono::milliseconds;
using State = KafkaReport::State;

namespace {

/// librdkafka keeps a topic for as long as the client lives.
constexpr std::size_t kMaxTopics = 1000;
constexpr milliseconds kQueueFull{10};
constexpr milliseconds kLongestPoll{1000};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

KafkaProducer::KafkaProducer(KafkaSinkSettings settings, Labels headers, LogFunction log)
    : settings_(std::move(settings)), log_(std::move(log)) {
  if (headers.empty()) return;
  headers_ = rd_kafka_headers_new(headers.size());
  for (const auto& [name, text] : headers) {
    rd_kafka_header_add(headers_, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                        static_cast<ssize_t>(text.size()));
  }
}

KafkaProducer::~KafkaProducer() {
  drop_client();
  if (headers_ != nullptr) rd_kafka_headers_destroy(headers_);
}

void KafkaProducer::drop_client() {
  if (!client_) return;
  for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
  topics_.clear();
  client_->bury(std::exchange(bytes_, {}));
  client_.reset();
  entries_.clear();
  live_.clear();
  pending_ = 0;
}

bool KafkaProducer::goes_on_with(std::span<const Record> records) {
  // Records that wait for unreachable brokers may be waiting for the new certificate.
  if (pending_ > 0 && client_->trouble() && client_->tls_files_changed()) return false;
  return pending_ > 0 && records.size() == live_.size() &&
         std::equal(records.begin(), records.end(), live_.begin(),
                    [this](const Record& record, std::size_t index) {
                      const Entry& entry = entries_[index];
                      return record.id == entry.id &&
                             record.line ==
                                 std::string_view(bytes_).substr(entry.value_at, entry.value_size);
                    });
}

Result<void> KafkaProducer::begin(std::size_t records, std::size_t bytes) {
  if (pending_ > 0 || topics_.size() > kMaxTopics || (client_ && client_->tls_files_changed())) {
    drop_client();
  }
  entries_.clear();
  live_.clear();
  bytes_.clear();
  if (!client_) {
    Result<std::unique_ptr<KafkaClient>> client =
        KafkaClient::make(settings_, KafkaClient::Role::producer, log_, this);
    if (!client) return std::move(client).error();
    client_ = std::move(client).value();
  }
  if (Result<void> refreshed = client_->refresh_credentials(); !refreshed) return refreshed;
  entries_.reserve(records);
  // librdkafka points into it: a short text stored inside the string object would move.
  bytes_.reserve(std::max(bytes, std::size_t{64}));
  return {};
}

void KafkaProducer::add(const Message& message) {
  Entry entry;
  entry.value_at = bytes_.size();
  entry.value_size = message.value.size();
  bytes_ += message.value;
  entry.key_at = bytes_.size();
  entry.key_size = message.key.size();
  bytes_ += message.key;
  entry.has_key = message.has_key;
  entry.time_ms = message.time_ms;
  entry.id = message.id;
  entry.topic = topic(message.topic);
  live_.push_back(entries_.size());
  entries_.push_back(entry);
}

rd_kafka_topic_s* KafkaProducer::topic(std::string_view name) {
  topic_name_ = name;
  rd_kafka_topic_s*& topic = topics_[topic_name_];
  if (topic == nullptr) {
    topic = rd_kafka_topic_new(client_->handle(), topic_name_.c_str(), nullptr);
  }
  return topic;
}

/// False if librdkafka's queue is full.
bool KafkaProducer::hand_over(std::size_t index) {
  Entry& entry = entries_[index];
  entry.report = {};
  const auto refuse = [&entry](int code) {
    entry.report = {State::failed, code, true};
    return true;
  };
  if (entry.topic == nullptr) return refuse(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
  rd_kafka_vu_t parts[7];
  std::size_t count = 0;
  const auto part = [&]() -> rd_kafka_vu_t& { return parts[count++]; };
  {
    rd_kafka_vu_t& to = part();
    to.vtype = RD_KAFKA_VTYPE_RKT;
    to.u.rkt = entry.topic;
  }
  {
    rd_kafka_vu_t& value = part();
    value.vtype = RD_KAFKA_VTYPE_VALUE;
    value.u.mem.ptr = bytes_.data() + entry.value_at;
    value.u.mem.size = entry.value_size;
  }
  if (entry.has_key) {
    rd_kafka_vu_t& key = part();
    key.vtype = RD_KAFKA_VTYPE_KEY;
    key.u.mem.ptr = bytes_.data() + entry.key_at;
    key.u.mem.size = entry.key_size;
  }
  if (entry.time_ms > 0) {
    rd_kafka_vu_t& time = part();
    time.vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    time.u.i64 = entry.time_ms;
  }
  {
    rd_kafka_vu_t& opaque = part();
    opaque.vtype = RD_KAFKA_VTYPE_OPAQUE;
    // Not the address: entries may move before the report comes, their numbers stay.
    opaque.u.ptr = reinterpret_cast<void*>(index + 1);
  }
  rd_kafka_headers_t* headers = headers_ == nullptr ? nullptr : rd_kafka_headers_copy(headers_);
  if (entry.id) {
    if (headers == nullptr) headers = rd_kafka_headers_new(1);
    char text[kMaxRecordId];
    const std::size_t size = write_record_id(text, entry.id);
    rd_kafka_header_add(headers, kIdHeader.data(), static_cast<ssize_t>(kIdHeader.size()), text,
                        static_cast<ssize_t>(size));
  }
  if (headers != nullptr) {
    rd_kafka_vu_t& more = part();
    more.vtype = RD_KAFKA_VTYPE_HEADERS;
    more.u.headers = headers;
  }
  rd_kafka_error_t* error = rd_kafka_produceva(client_->handle(), parts, count);
  if (error == nullptr) {
    entry.handed_over = true;
    ++pending_;
    return true;
  }
  const int code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  return code != RD_KAFKA_RESP_ERR__QUEUE_FULL && refuse(code);
}

void KafkaProducer::on_report(void* opaque, int code) {
  Entry& entry = entries_[reinterpret_cast<std::uintptr_t>(opaque) - 1];
  --pending_;
  entry.handed_over = false;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    entry.report = {State::stored, 0, false};
    stored_bytes_ += entry.value_size + entry.key_size;
    client_->all_is_well();
  } else {
    entry.report = {State::failed, code, false};
  }
}

void KafkaProducer::wait(milliseconds wait, milliseconds patience, const std::stop_token& stop) {
  const SteadyTime until = now() + wait;
  const std::stop_callback on_stop(stop, [this] { client_->interrupt(); });
  client_->poll(milliseconds{0});
  SteadyTime unwell_since = now();
  auto next = live_.begin();
  while (!stop.stop_requested() && !client_->fatal()) {
    while (next != live_.end()) {
      const Entry& entry = entries_[*next];
      const bool has_to_go = !entry.handed_over && entry.report.state != State::stored;
      if (has_to_go && !hand_over(*next)) break;
      ++next;
    }
    const bool full = next != live_.end();
    if (pending_ == 0 && !full) break;
    const SteadyTime time = now();
    if (!client_->trouble()) unwell_since = time;
    const SteadyTime end = std::min(until, unwell_since + patience);
    if (time >= end) break;
    const auto left = std::chrono::ceil<milliseconds>(end - time);
    // Problems may come at any time, and only polling reveals them.
    client_->poll(std::min({left, full ? kQueueFull : left, kLongestPoll}));
  }
  if (client_->fatal()) client_->poll(milliseconds{0});
}

std::vector<KafkaReport> KafkaProducer::reports() const {
  std::vector<KafkaReport> reports;
  reports.reserve(live_.size());
  for (const std::size_t index : live_) reports.push_back(entries_[index].report);
  return reports;
}

std::optional<KafkaTrouble> KafkaProducer::trouble() const {
  if (!client_) return std::nullopt;
  if (client_->fatal()) return client_->fatal();
  if (client_->trouble()) return client_->trouble();
  if (client_->last_failure().empty()) return std::nullopt;
  return KafkaTrouble{RD_KAFKA_RESP_ERR__TIMED_OUT,
                      "no broker has acknowledged it within the request timeout; the last that "
                      "went wrong: " +
                          client_->last_failure()};
}

std::uint64_t KafkaProducer::take_stored_bytes() { return std::exchange(stored_bytes_, 0); }

void KafkaProducer::settle() {
  const bool held = std::any_of(live_.begin(), live_.end(), [this](std::size_t index) {
    const KafkaReport& report = entries_[index].report;
    return report.state == State::failed && kafka_kind(report.code) == Verdict::Kind::hold;
  });
  // librdkafka remembers for minutes that a topic does not exist; a new client asks again.
  const bool asks_anew = held && pending_ == 0;
  if (client_ && (client_->fatal() || asks_anew)) return drop_client();
  std::erase_if(live_, [this](std::size_t index) {
    const KafkaReport& report = entries_[index].report;
    if (report.state == State::stored) return true;
    if (report.state == State::pending) return false;
    return report.local && kafka_kind(report.code) == Verdict::Kind::split;
  });
}

void KafkaProducer::abandon() {
  if (pending_ > 0) drop_client();
}

void KafkaProducer::tend() {
  if (client_) client_->poll(milliseconds{0});
}

}  // namespace ship
