#pragma once

#include <cstdint>
#include <optional>

#include "config/sources.hpp"
#include "config/values.hpp"

namespace ship {

/// What one run may use at most: the queues, each worker's batch with its encoded and compressed
/// forms, and a fixed base.
std::uint64_t memory_ceiling(const Effective& effective);

/// Lowers the queue.max_bytes of sinks that stand at their default, so that the ceiling fits into
/// `limit` bytes, and warns with the figures. What the user chose stays; where that alone does not
/// fit, it says so. No limit: does nothing.
void fit_memory(Effective& effective, std::optional<std::uint64_t> limit, Sources& sources);

}  // namespace ship
