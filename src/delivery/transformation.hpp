#pragma once

#include <cstdint>
#include <vector>

#include "queue/batch.hpp"
#include "stage/pipeline.hpp"
#include "stats/lane_ledger.hpp"

namespace ship {

/// A record of a batch that must not continue, and how its lane counts it.
struct LeftOut {
  std::uint32_t index = 0;
  Ending ending = Ending::redact;
};

/// Passes the records of `batch` through `pipeline`, each of them only once in its life: those that
/// have already been through stay unchanged. Changed lines live in the batch. Returns the records
/// that must not continue, by ascending index; they are still in the batch. Call on the thread that
/// owns both.
std::vector<LeftOut> transform(Batch& batch, Pipeline& pipeline);

/// Only the indices, as Batch::move_to_front takes them.
std::vector<std::uint32_t> indices_of(const std::vector<LeftOut>& left_out);

}  // namespace ship
