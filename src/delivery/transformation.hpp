#pragma once

#include <cstdint>
#include <vector>

#include "queue/batch.hpp"
#include "stage/pipeline.hpp"
#include "stats/lane_ledger.hpp"

namespace ship {

/// A record of a batch that must not go on, and how its lane counts it.
struct LeftOut {
  std::uint32_t index = 0;
  Ending ending = Ending::redact;
};

/// Passes the records of `batch` through `pipeline`, each of them once in its life: those that have
/// been through are left as they are. What changed lives in the batch. Returns those that must not
/// go on, by ascending index; they are still in the batch. For the thread that has both.
std::vector<LeftOut> transform(Batch& batch, Pipeline& pipeline);

/// The indices alone, as Batch::move_to_front takes them.
std::vector<std::uint32_t> indices_of(const std::vector<LeftOut>& left_out);

}  // namespace ship
