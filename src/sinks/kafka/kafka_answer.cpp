#include "sinks/kafka/kafka_answer.hpp"

#include <algorithm>
#include <librdkafka/rdkafka.h>
#include <string_view>

namespace ship {
namespace {

using Kind = Verdict::Kind;

struct CodeRow {
  rd_kafka_resp_err_t code;
  Kind kind;
  std::string_view advice;
};

constexpr std::string_view kTopicRights =
    "this user may not write to the topic; give it the right to, then nothing else need be done";
constexpr std::string_view kLogin = "check username, password and sasl_mechanism";
constexpr std::string_view kNoTopic =
    "create the topic, or let the brokers create it (auto.create.topics.enable)";

constexpr CodeRow kCodes[] = {
    {RD_KAFKA_RESP_ERR_NO_ERROR, Kind::ok, ""},
    // The broker refuses a whole request because of one record in it.
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Kind::split,
     "message.max.bytes of the brokers, max.message.bytes of the topic"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Kind::split, "segment.bytes of the topic"},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, Kind::split,
     "a compacted topic takes no record without a key"},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, Kind::split,
     "the topic takes no times so far from now; see message.timestamp.difference.max.ms"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Kind::hold, kTopicRights},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Kind::hold,
     "this user may not write idempotently; give it the right IdempotentWrite"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, Kind::hold, kLogin},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, Kind::hold, kLogin},
    {RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, Kind::hold, kLogin},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, Kind::hold, kLogin},
    {RD_KAFKA_RESP_ERR__SSL, Kind::hold, "check tls, ca_file and the name in the URL"},
    {RD_KAFKA_RESP_ERR_SECURITY_DISABLED, Kind::hold, ""},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, Kind::hold, ""},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, Kind::hold, kNoTopic},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Kind::hold, kNoTopic},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, Kind::hold, ""},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, Kind::hold, "not a valid topic name"},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, Kind::hold, "check acks"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, Kind::hold, "the brokers are too old for this"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, Kind::hold,
     "the brokers are too old for this"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, Kind::hold, "the brokers are too old for this"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, Kind::hold,
     "the brokers or the topic do not take this compression"},
};

const CodeRow* find_code(int code) {
  const auto row = std::find_if(std::begin(kCodes), std::end(kCodes),
                                [code](const CodeRow& one) { return one.code == code; });
  return row == std::end(kCodes) ? nullptr : row;
}

/// Whether the report says nothing on its own, so that only the client as a whole can explain it.
bool is_open(const KafkaReport& report) {
  return report.state == KafkaReport::State::pending ||
         (report.state == KafkaReport::State::failed &&
          (report.code == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
           report.code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
           report.code == RD_KAFKA_RESP_ERR__FATAL));
}

Kind kind_of(const KafkaReport& report) {
  switch (report.state) {
    case KafkaReport::State::stored:
      return Kind::ok;
    case KafkaReport::State::pending:
      return Kind::retry;
    case KafkaReport::State::failed:
      break;
  }
  const Kind kind = kafka_kind(report.code);
  if (kind == Kind::ok) return Kind::retry;
  return kind == Kind::split && report.local ? Kind::reject : kind;
}

std::string reason_of(const KafkaReport& report, const std::optional<KafkaTrouble>& trouble) {
  if (is_open(report) && trouble) return trouble->reason;
  if (report.state != KafkaReport::State::pending) return describe_kafka_code(report.code);
  return "no broker has acknowledged it within the request timeout";
}

}  // namespace

Verdict::Kind kafka_kind(int code) {
  const CodeRow* row = find_code(code);
  return row == nullptr ? Kind::retry : row->kind;
}

std::string describe_kafka_code(int code) {
  std::string text = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
  const CodeRow* row = find_code(code);
  if (row != nullptr && !row->advice.empty()) text.append(" (").append(row->advice).append(")");
  return text;
}

Verdict settle_kafka_reports(std::span<const KafkaReport> reports,
                             const std::optional<KafkaTrouble>& trouble) {
  constexpr int kThrottled = 429;
  const bool refused = trouble && kafka_kind(trouble->code) == Kind::hold;
  std::size_t counts[6] = {};
  std::vector<Kind> kinds;
  kinds.reserve(reports.size());
  for (const KafkaReport& report : reports) {
    Kind kind = kind_of(report);
    if (is_open(report) && refused) kind = Kind::hold;
    kinds.push_back(kind);
    ++counts[static_cast<std::size_t>(kind)];
  }
  const auto count = [&counts](Kind kind) { return counts[static_cast<std::size_t>(kind)]; };
  const auto whole = [&](Kind kind) {
    const auto at = std::find(kinds.begin(), kinds.end(), kind) - kinds.begin();
    const KafkaReport& report = reports[static_cast<std::size_t>(at)];
    const bool throttled = report.code == RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED;
    return Verdict::of(kind, throttled ? kThrottled : report.code, reason_of(report, trouble));
  };
  if (count(Kind::ok) == reports.size()) return {};
  if (count(Kind::ok) == 0 && count(Kind::reject) == 0) {
    if (count(Kind::hold) > 0) return whole(Kind::hold);
    return whole(count(Kind::retry) > 0 ? Kind::retry : Kind::split);
  }
  if (count(Kind::reject) == 1 && reports.size() == 1) return whole(Kind::reject);
  Verdict verdict;
  verdict.kind = Kind::partial;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (kinds[i] == Kind::ok) continue;
    verdict.items.push_back({static_cast<std::uint32_t>(i), kinds[i] != Kind::reject,
                             reports[i].code, reason_of(reports[i], trouble)});
  }
  verdict.status = verdict.items.front().status;
  verdict.reason = verdict.items.front().reason;
  return verdict;
}

}  // namespace ship
