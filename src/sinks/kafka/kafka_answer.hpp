#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "sinks/verdict.hpp"

namespace ship {

/// What became of one record of a batch, as its delivery report tells.
struct KafkaReport {
  /// `pending`: no report yet; the record is with the producer, which goes on by itself.
  enum class State : std::uint8_t { pending, stored, failed };
  State state = State::pending;
  int code = 0;        ///< rd_kafka_resp_err_t, of a failed one
  bool local = false;  ///< refused before it was sent: the code speaks of this record alone
};

/// What an error code of librdkafka or of the protocol says of the records it came with: ok, retry,
/// split (the broker refuses a set of records for one of them), reject, hold. Unknown codes are
/// retry. Source: the protocol's list of error codes, https://kafka.apache.org/protocol.html
Verdict::Kind kafka_kind(int code);

/// "Broker: Message size too large", and what to do about it where that is known.
std::string describe_kafka_code(int code);

/// What the producer as a whole complains of: the brokers cannot be reached, they refuse the user.
struct KafkaTrouble {
  int code = 0;
  std::string reason;  ///< one line, ready for people
};

/// The verdict on a batch by the reports on its records, in the order in which they were sent.
/// `trouble` explains those that are pending, or that librdkafka gave back unsent. Never `ok` while
/// one is pending.
Verdict settle_kafka_reports(std::span<const KafkaReport> reports,
                             const std::optional<KafkaTrouble>& trouble);

}  // namespace ship
