#include "delivery/transformation.hpp"

namespace ship {

std::vector<LeftOut> transform(Batch& batch, Pipeline& pipeline) {
  std::vector<LeftOut> left_out;
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    Record record = batch.records(i, i + 1).front();
    if (record.transformed) continue;
    switch (pipeline.process(record, batch.arena())) {
      case Pipeline::Outcome::unchanged:
      case Pipeline::Outcome::changed:
        break;
      case Pipeline::Outcome::unredacted:
        left_out.push_back({i, Ending::redact});
        break;
      case Pipeline::Outcome::too_large:
        left_out.push_back({i, Ending::size_guard});
        break;
    }
    record.transformed = true;
    batch.replace(i, record);
  }
  return left_out;
}

std::vector<std::uint32_t> indices_of(const std::vector<LeftOut>& left_out) {
  std::vector<std::uint32_t> indices;
  indices.reserve(left_out.size());
  for (const LeftOut& one : left_out) indices.push_back(one.index);
  return indices;
}

}  // namespace ship
