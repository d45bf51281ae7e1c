#include "queue/spool_batch.hpp"

#include <utility>

namespace ship {

void SpoolBatch::move_to_front(std::size_t begin, std::size_t end,
                               std::span<const std::uint32_t> front) {
  std::vector<std::pair<Record, Origin>> others;
  others.reserve(end - begin - front.size());
  std::size_t next = 0;
  std::size_t out = begin;
  for (std::size_t i = begin; i < end; ++i) {
    if (next < front.size() && front[next] == i - begin) {
      records_[out] = records_[i];
      origins_[out] = origins_[i];
      ++out;
      ++next;
    } else {
      others.emplace_back(records_[i], origins_[i]);
    }
  }
  for (const auto& [record, origin] : others) {
    records_[out] = record;
    origins_[out] = origin;
    ++out;
  }
}

void SpoolBatch::clear() {
  records_.clear();
  origins_.clear();
  lines_.clear();
}

void SpoolBatch::add(const SpoolRecord& record, std::uint64_t segment, std::uint32_t from,
                     bool is_protected) {
  lines_.append(record.record.line);
  records_.push_back(record.record);
  origins_.push_back({segment, record.sequence, from, is_protected});
}

void SpoolBatch::finish() {
  // Only now does the text stay where it is.
  const char* at = lines_.data();
  for (Record& record : records_) {
    record.line = {at, record.line.size()};
    at += record.line.size();
  }
}

}  // namespace ship
