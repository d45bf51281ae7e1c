#include "spool/spool_batch.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "queue/reorder.hpp"

namespace ship {

void SpoolBatch::move_to_front(std::size_t begin, std::size_t end,
                               std::span<const std::uint32_t> front) {
  ship::move_to_front(std::span(records_).subspan(begin, end - begin), front);
  ship::move_to_front(std::span(origins_).subspan(begin, end - begin), front);
}

namespace {

/// What a batch keeps of its memory when it is empty.
constexpr std::size_t kKeptBytes = 256 * 1024;

template <class T>
void clear_or_free(T& values) {
  values.clear();
  if (values.capacity() * sizeof(*values.data()) > kKeptBytes) T().swap(values);
}

}  // namespace

void SpoolBatch::clear() {
  clear_or_free(records_);
  clear_or_free(origins_);
  clear_or_free(lines_);
  name_.clear();
}

void SpoolBatch::sort() {
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    const Origin& one = origins_[a];
    const Origin& other = origins_[b];
    return std::tie(one.sequence, one.segment, one.from) <
           std::tie(other.sequence, other.segment, other.from);
  };
  std::vector<std::uint32_t> order(records_.size());
  std::iota(order.begin(), order.end(), 0u);
  if (std::is_sorted(order.begin(), order.end(), before)) return;
  std::sort(order.begin(), order.end(), before);
  std::vector<Record> records;
  std::vector<Origin> origins;
  for (const std::uint32_t index : order) {
    records.push_back(records_[index]);
    origins.push_back(origins_[index]);
  }
  records_ = std::move(records);
  origins_ = std::move(origins);
}

SpoolClaim::Range SpoolBatch::claim_range(std::size_t index) const {
  const Origin& origin = origins_[index];
  return {origin.segment,
          origin.from,
          origin.to,
          1,
          {origin.is_protected, records_[index].level.severity}};
}

void SpoolBatch::add(const SpoolRecord& record, const Origin& origin) {
  lines_.append(record.record.line);
  records_.push_back(record.record);
  records_.back().transformed = true;
  origins_.push_back(origin);
}

void SpoolBatch::finish() {
  // From now on the text no longer moves.
  const char* at = lines_.data();
  for (Record& record : records_) {
    record.line = {at, record.line.size()};
    at += record.line.size();
  }
}

}  // namespace ship
