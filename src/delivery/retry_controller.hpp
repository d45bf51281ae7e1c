#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "delivery/circuit_breaker.hpp"
#include "delivery/concurrency_limit.hpp"
#include "settings/sink_settings.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// The attempts of one lane's workers to send: when one may, and how they went. It does the waiting
/// for the CircuitBreaker and the ConcurrencyLimit that they share. Thread-safe.
class RetryController {
 public:
  RetryController(const SinkSettings& settings, Clock& clock);

  /// One attempt, from its turn to its answer.
  struct Attempt {
    CircuitBreaker::Permit permit;
    std::uint64_t round = 0;  ///< of the ConcurrencyLimit
    bool backlog = false;     ///< when the answer came, another full batch waited
    std::uint64_t generation = 0;
    double seconds = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes_sent = 0;
    bool will_retry = false;
  };

  /// Waits until the gate lets this worker send. `divert`: the breaker is open and `can_divert`;
  /// `stopped`: `stop` came first, or another generation than the worker's. After `send` exactly
  /// one of the two reports below must follow.
  enum class Turn : std::uint8_t { send, divert, stopped };
  Turn wait_for_turn(Attempt& attempt, std::uint64_t generation, bool can_divert);

  /// The answer to an attempt. Its reason is for people, who find it in the snapshot.
  void answered(const Attempt& attempt, const Verdict& verdict);
  /// The attempt was interrupted and says nothing.
  void interrupted(const Attempt& attempt);

  /// How many requests may be in flight. Never waits.
  std::uint32_t limit() const { return published_limit_; }
  /// The last answer was a failure, or the breaker is open. Never waits.
  bool is_failing() const { return published_failing_; }

  /// New limits for the same destination; where it stands in its backoff is not forgotten.
  void change(const DeliverySettings& delivery);
  /// Another generation of workers, for another destination: nothing is known of it yet. Workers of
  /// the generation before get no turn any more, and what they report is counted, but means
  /// nothing.
  void begin_generation(std::uint64_t generation, const DeliverySettings& delivery);
  /// The operator may have mended the cause: the wait that is under way ends.
  void retry_now();
  /// The run is ending: cuts waits short.
  void hurry();
  /// Ends every wait, now and later.
  void stop();

  /// Fills in what this object knows: retries, batches, bytes, errors, breaker, times.
  void report(LaneSnapshot& snapshot) const;

 private:
  /// An attempt of this generation is over.
  void end_attempt(const Attempt& attempt, Verdict::Health health,
                   std::chrono::milliseconds retry_after);

  Clock& clock_;
  mutable std::mutex mutex_;  ///< held for a few assignments or a copy; the reader never takes it
  std::condition_variable changed_;
  CircuitBreaker breaker_;
  ConcurrencyLimit limit_;
  std::atomic<std::uint32_t> published_limit_;
  std::atomic<bool> published_failing_ = false;
  std::uint32_t sending_ = 0;
  std::uint32_t waiting_ = 0;
  std::uint64_t generation_ = 0;
  bool stopped_ = false;
  std::uint64_t retries_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t errors_ = 0;
  std::string last_error_;
  SinkHealth health_ = SinkHealth::good;
  FlushTimes flush_seconds_;
  BatchSizes batch_sizes_;
};

}  // namespace ship
