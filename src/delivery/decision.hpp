#pragma once

#include <cstddef>
#include <cstdint>

#include "sinks/verdict.hpp"

namespace ship {

/// What a worker does about a verdict. Protocols classify (sinks/), this decides; neither knows the
/// other.
struct Decision {
  enum class Action : std::uint8_t {
    deliver,       ///< all stored: count and go on
    try_again,     ///< keep the records, wait at the gate, send the same again
    refuse,        ///< give the records up: dead letter, or dropped as `rejected`
    halve,         ///< send the two halves one after the other
    settle_items,  ///< some stored, the named ones not
    expire,        ///< retry_max_elapsed is over: dead letter, or dropped as `expired`
  };
  /// What the answer says about the server, for the backoff and the breaker.
  enum class Health : std::uint8_t { good, failing, throttling, needs_operator };

  Action action = Action::deliver;
  Health health = Health::good;
};

/// The one place that decides. `records` is how many were sent; `expired`: retry_max_elapsed is
/// over for them.
Decision decide(const Verdict& verdict, std::size_t records, bool expired);

}  // namespace ship
