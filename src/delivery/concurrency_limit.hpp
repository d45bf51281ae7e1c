#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "settings/delivery_settings.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// How many requests to one destination may be in flight: as many as it answers without getting
/// slower, and no more than it accepts. Additive increase, multiplicative decrease, with a slow
/// start, as in TCP; a round trip is what was sent since the last change.
///
/// While full batches wait and latency is at most 1.5 times the least one, each answer raises the
/// limit by one, which doubles it in a round trip; after the first drop, only each round trip
/// raises it by one. A refusal (429, 503, no answer) or twice the least latency halves it, at most
/// once in a round trip. The least latency is forgotten slowly, so that jitter or a different time
/// of day is not mistaken for congestion. Pure: no clock, no lock; the lane's RetryController
/// guards it.
class ConcurrencyLimit {
 public:
  /// The limit stays between 1 and `most`.
  explicit ConcurrencyLimit(std::uint32_t most)
      : most_(most), limit_(std::min(DeliverySettings::kFirstRequests, most)) {}
  /// Always `requests`.
  static ConcurrencyLimit fixed(std::uint32_t requests);

  std::uint32_t now() const { return limit_; }
  std::uint32_t most() const { return most_; }
  /// Pass it back with the answer to a request that begins now.
  std::uint64_t round() const { return round_; }

  /// A request that began in `round` was answered after `latency`. `backlog`: another full batch
  /// waits; if none does, latency says little and the limit need not grow.
  void answered(std::uint64_t round, Verdict::Health health, std::chrono::duration<double> latency,
                bool backlog);
  /// The breaker opened: one request will probe, and what was learned is forgotten.
  void opened();

 private:
  void set(std::uint32_t limit);
  void round_trip_ended(double mean);

  std::uint32_t most_;
  std::uint32_t limit_;
  bool fixed_ = false;
  bool slow_start_ = true;
  std::uint64_t round_ = 0;
  std::uint32_t round_size_ = limit_;  ///< answers that end the round
  std::uint32_t answers_ = 0;          ///< in this round, with a backlog behind them
  double seconds_ = 0;                 ///< the sum of their latencies
  double least_ = 0;                   ///< mean of a round; 0: unknown
};

}  // namespace ship
