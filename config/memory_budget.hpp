#pragma once

#include <cstdint>
#include <optional>

#include "config/sources.hpp"
#include "config/values.hpp"

namespace ship {

/// The most memory that one run may use: the queues, each worker's batch with its encoded and
/// compressed forms, and a fixed base.
std::uint64_t memory_ceiling(const Effective& effective);

/// Lowers queue.max_bytes of sinks that use the default, so that the ceiling fits into `limit`
/// bytes, and warns with the figures. What the user chose stays; if that alone does not fit, it
/// says so. No limit: does nothing.
void fit_memory(Effective& effective, std::optional<std::uint64_t> limit, Sources& sources);

}  // namespace ship
