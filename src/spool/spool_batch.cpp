#include "spool/spool_batch.hpp"

#include "queue/reorder.hpp"

namespace ship {

void SpoolBatch::move_to_front(std::size_t begin, std::size_t end,
                               std::span<const std::uint32_t> front) {
  ship::move_to_front(std::span(records_).subspan(begin, end - begin), front);
  ship::move_to_front(std::span(origins_).subspan(begin, end - begin), front);
}

void SpoolBatch::clear() {
  records_.clear();
  origins_.clear();
  lines_.clear();
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
