#pragma once

#include <cstddef>
#include <cstdint>

#include "sinks/verdict.hpp"

namespace ship {

/// What a worker does with the records of an answer. Protocols classify (sinks/), this decides;
/// neither knows the other.
enum class Decision : std::uint8_t {
  deliver,       ///< all stored: count and continue
  try_again,     ///< keep the records, wait, send the same again
  refuse,        ///< give up the records: dead letter, or dropped as `rejected`
  halve,         ///< send the two halves one after the other
  settle_items,  ///< all stored but the named ones
  expire,        ///< retry_max_elapsed is over: dead letter, or dropped as `expired`
};

/// The one place that decides. `records` is how many were sent; `expired`: retry_max_elapsed is
/// over for them.
Decision decide(Verdict::Kind kind, std::size_t records, bool expired);

}  // namespace ship
