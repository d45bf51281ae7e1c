#include "sinks/cloudwatch/cloudwatch_batch.hpp"

#include <algorithm>
#include <tuple>

namespace ship {

std::int64_t cloudwatch_millis(const Record& record) {
  constexpr WallNanos kMilli = 1'000'000;
  return record.time / kMilli;
}

std::vector<CloudwatchRequest> deal_cloudwatch_batch(std::span<const Record> records,
                                                     std::span<const std::string> streams,
                                                     std::vector<std::uint32_t>& unfit) {
  using Limits = CloudwatchLimits;
  std::vector<std::uint32_t> order;
  order.reserve(records.size());
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const bool fits = records[i].line.size() <= Limits::kMessageBytes && records[i].time >= 0;
    (fits ? order : unfit).push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t first = cloudwatch_millis(records[a]);
    const std::int64_t second = cloudwatch_millis(records[b]);
    return std::tie(streams[a], first) < std::tie(streams[b], second);
  });
  std::vector<CloudwatchRequest> requests;
  std::size_t bytes = 0;
  for (const std::uint32_t index : order) {
    const std::size_t size = records[index].line.size() + Limits::kEventOverhead;
    const bool opens = requests.empty() || requests.back().stream != streams[index] ||
                       requests.back().records.size() == Limits::kEvents ||
                       bytes + size > Limits::kRequestBytes ||
                       cloudwatch_millis(records[index]) -
                               cloudwatch_millis(records[requests.back().records.front()]) >
                           Limits::kSpanMillis;
    if (opens) {
      requests.push_back({streams[index], {}});
      bytes = 0;
    }
    requests.back().records.push_back(index);
    bytes += size;
  }
  return requests;
}

}  // namespace ship
