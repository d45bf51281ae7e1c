#include "queue/batch.hpp"

namespace ship {

void Batch::move_to_front(std::size_t begin, std::size_t end,
                          std::span<const std::uint32_t> front) {
  std::vector<Record> other_records;
  std::vector<Pin> other_pins;
  std::size_t write = begin;
  std::size_t next = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (next < front.size() && begin + front[next] == i) {
      records_[write] = records_[i];
      pins_[write] = pins_[i];
      ++write;
      ++next;
    } else {
      other_records.push_back(records_[i]);
      other_pins.push_back(pins_[i]);
    }
  }
  for (std::size_t i = 0; i < other_records.size(); ++i) {
    records_[write + i] = other_records[i];
    pins_[write + i] = other_pins[i];
  }
}

}  // namespace ship
