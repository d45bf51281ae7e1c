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

/// Controls the attempts of one lane's workers: decides when one may send, and notes how it went.
/// Does the waiting for the CircuitBreaker and the ConcurrencyLimit that they share. Thread-safe.
class RetryController {
 public:
  RetryController(const SinkSettings& settings, Clock& clock);

  /// One attempt, from getting its turn to the answer.
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

  /// Waits until the breaker lets this worker send. `divert`: the breaker is open and `can_divert`;
  /// `stopped`: `stop` came first, or the worker's generation was replaced. After `send`, exactly
  /// one of the two reports below must follow.
  enum class Turn : std::uint8_t { send, divert, stopped };
  Turn wait_for_turn(Attempt& attempt, std::uint64_t generation, bool can_divert);

  /// The answer to an attempt. Its reason is for people and appears in the snapshot.
  void answered(const Attempt& attempt, const Verdict& verdict);
  /// The attempt was interrupted and says nothing.
  void interrupted(const Attempt& attempt);

  /// How many requests may be in flight. Never waits.
  std::uint32_t limit() const { return published_limit_; }
  /// Whether the last answer was a failure or the breaker is open. Never waits.
  bool is_failing() const { return published_failing_; }

  /// New limits for the same destination; keeps the state of the backoff.
  void change(const DeliverySettings& delivery);
  /// Starts another generation of workers, for another destination about which nothing is known
  /// yet. Workers of earlier generations get no more turns; what they report is counted but
  /// otherwise ignored.
  void begin_generation(std::uint64_t generation, const DeliverySettings& delivery);
  /// The operator may have fixed the cause: ends the current wait.
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
  mutable std::mutex mutex_;  ///< held for a few assignments or a copy; never taken by the reader
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
