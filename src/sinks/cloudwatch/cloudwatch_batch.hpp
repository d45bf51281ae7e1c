#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record/record.hpp"

namespace ship {

/// The limits of one PutLogEvents request:
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
struct CloudwatchLimits {
  static constexpr std::size_t kRequestBytes = 1'048'576;  ///< messages and overhead
  static constexpr std::size_t kEventOverhead = 26;
  static constexpr std::size_t kEvents = 10'000;
  static constexpr std::int64_t kSpanMillis = 24 * 3600 * 1000;
  static constexpr std::size_t kMessageBytes = kRequestBytes - kEventOverhead;
};

/// The records of one request: all for one stream, ordered by time, within the limits.
struct CloudwatchRequest {
  std::string stream;
  std::vector<std::uint32_t> records;  ///< positions in the batch
};

/// A record's time in CloudWatch's unit.
std::int64_t cloudwatch_millis(const Record& record);

/// Distributes the records of one batch over requests; `streams` names the stream of each record.
/// The same batch gives the same requests. Records of the same millisecond keep their order.
/// Appends the positions of those that no request can hold (too long, before 1970) to `unfit`.
std::vector<CloudwatchRequest> deal_cloudwatch_batch(std::span<const Record> records,
                                                     std::span<const std::string> streams,
                                                     std::vector<std::uint32_t>& unfit);

}  // namespace ship
