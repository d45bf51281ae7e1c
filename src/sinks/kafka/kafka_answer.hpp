#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "sinks/verdict.hpp"

namespace ship {

/// What happened to one record of a batch, according to its delivery report.
struct KafkaReport {
  /// `pending`: no report yet; the record is with the producer, which continues on its own.
  enum class State : std::uint8_t { pending, stored, failed };
  State state = State::pending;
  int code = 0;        ///< rd_kafka_resp_err_t, if failed
  bool local = false;  ///< refused before it was sent: the code is about this record alone
};

/// What an error code of librdkafka or of the protocol means for the records it came with: ok,
/// retry, split (the broker refuses a set of records because of one of them), reject, hold. Unknown
/// codes are retry. Source: the protocol's list of error codes,
/// https://kafka.apache.org/protocol.html
Verdict::Kind kafka_kind(int code);

/// "Broker: Message size too large", and what to do about it, if known.
std::string describe_kafka_code(int code);

/// A problem of the producer as a whole: the brokers cannot be reached, or they refuse the user.
struct KafkaTrouble {
  int code = 0;
  std::string reason;  ///< one line, for people
};

/// The verdict on a batch from the reports on its records, in the order sent. `trouble` explains
/// those that are pending or that librdkafka returned unsent. Never `ok` while one is pending.
Verdict settle_kafka_reports(std::span<const KafkaReport> reports,
                             const std::optional<KafkaTrouble>& trouble);

}  // namespace ship
