#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/histogram.hpp"
#include "base/log.hpp"
#include "input/input_counts.hpp"
#include "input/input_report.hpp"
#include "input/loop_times.hpp"
#include "stage/stage_meter.hpp"
#include "stats/queue_history.hpp"

namespace ship {

/// How a record ends: in exactly one of these ways. The drops come first, in the order of the
/// statistics. `duplicate`: another record had the same id, which the settings take from the
/// record; `damaged`: its bytes on disk were not what was written; `redact`: it could not be
/// redacted; `size_guard`: it was too long.
enum class Ending : std::uint8_t {
  queue_full,
  evicted,
  rejected,
  expired,
  shutdown,
  duplicate,
  damaged,
  redact,
  size_guard,
  delivered,
  dead_lettered,
  diverted,
  filtered
};
/// How many endings are drops.
inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(Ending::delivered);
std::string_view ending_text(Ending ending);

/// A lane's counts of protected records only.
struct ProtectedCounts {
  std::uint64_t submitted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  friend bool operator==(const ProtectedCounts&, const ProtectedCounts&) = default;
};

/// The counts of one lane: the only place that counts its records. Plain numbers; guarded by the
/// lane's mutex, so that a copy taken under it is consistent.
struct LaneCounts {
  std::uint64_t submitted = 0;
  std::uint64_t filtered = 0;
  std::uint64_t delivered = 0;
  std::array<std::uint64_t, kDropReasons> dropped{};            ///< by Ending
  std::array<std::uint64_t, kDropReasons> dropped_protected{};  ///< part of `dropped`
  std::uint64_t dead_lettered = 0;
  std::uint64_t diverted = 0;
  std::uint64_t pending = 0;    ///< in memory: queued and in flight
  std::uint64_t in_flight = 0;  ///< part of pending: with a worker
  std::uint64_t spooled = 0;
  std::uint64_t spooled_protected = 0;  ///< part of spooled
  ProtectedCounts protected_records;
  std::array<std::uint64_t, 100> evicted_by_severity{};

  std::uint64_t dropped_total() const;
  /// Another lane has opened the spool that this one left, and enters what it found in its own
  /// ledger: `records`, and the protected ones among them. What is missing counts as damaged here.
  void hand_over_spool(std::uint64_t records, std::uint64_t protected_records);
  /// Adds the counts of another lane; balanced if both are.
  LaneCounts& operator+=(const LaneCounts& other);
  bool balanced() const {
    return submitted ==
           filtered + delivered + dropped_total() + dead_lettered + diverted + pending + spooled;
  }
};

inline constexpr std::array<double, 18> kFlushBounds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1,    0.25,    0.5,    1.0,   2.5,    5.0,   10.0, 30.0,  60.0};
inline constexpr std::array<double, 12> kBatchBounds = {1,   5,   10,   25,   50,   100,
                                                        250, 500, 1000, 2500, 5000, 10000};

/// Delivery times of batches, in seconds, failed attempts among them.
using FlushTimes = Histogram<kFlushBounds>;
/// Records of the batches that were delivered.
using BatchSizes = Histogram<kBatchBounds>;

/// What the last answer said about a sink. `needs_operator`: it refuses everything until someone
/// changes something.
enum class SinkHealth : std::uint8_t { good, throttling, failing, needs_operator };
std::string_view health_text(SinkHealth health);

/// A lane at one moment, for the summary, the metrics and the admin server.
struct LaneSnapshot {
  std::string name;
  std::string type;
  LaneCounts counts;
  std::uint64_t retries = 0;
  std::uint64_t batches = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t errors = 0;
  std::uint64_t queue_depth = 0;  ///< records waiting, in flight not included
  std::uint64_t queue_bytes = 0;
  std::uint64_t queue_size = 0;       ///< the bound, records
  std::uint64_t queue_max_bytes = 0;  ///< the bound, bytes
  std::uint64_t queue_depth_high_watermark = 0;
  std::string breaker = "closed";
  SinkHealth health = SinkHealth::good;
  std::string last_error;   ///< why it last failed; kept after it recovers
  std::string spool_error;  ///< why records cannot be written to disk; empty: they can be
  bool lost = false;        ///< it will never deliver anything again
  bool has_spool = false;
  bool drop_on_full = true;
  FlushTimes flush_seconds;
  BatchSizes batch_sizes;
  std::vector<std::uint32_t> queue_peaks;  ///< see QueueHistory::peaks
  Overflow overflow;
  bool fail_on_loss = false;             ///< the run fails when it drops a record
  std::uint64_t lost_while_failing = 0;  ///< part of what the queue had no room for
  std::uint32_t requests_in_flight = 0;
  std::uint32_t requests_limit = 1;      ///< at this moment
  std::uint32_t workers = 1;             ///< the most requests that there may be
  std::uint32_t requests_in_memory = 0;  ///< more did not fit in queue.max_bytes; 0: all fit
  bool adaptive = false;                 ///< requests_limit follows what the sink takes
  std::uint32_t batch_size = 0;          ///< the bound, records
  std::vector<StageCounts> stages;       ///< the configured ones, in order

  /// How full its queue is, from 0 to 1: by records or bytes, whichever is closer to its bound.
  double filled() const;

  /// Adds what an earlier lane of the same sink counted; values of the present moment stay this
  /// one's.
  void add_former(const LaneSnapshot& former);
};

/// Something that the run said.
struct RunMessage {
  WallNanos at = 0;
  LogLevel level = LogLevel::info;
  std::string text;
};

struct StatsSnapshot {
  double uptime_seconds = 0;
  std::string preset;
  InputCounts input;                ///< the sum over `inputs`
  std::vector<InputReport> inputs;  ///< in the order in which they were given
  LoopTimes loop_seconds;
  std::vector<StageCounts> stages;  ///< of the intake: the configured ones, in order
  std::vector<LaneSnapshot> sinks;
  std::vector<RunMessage> messages;  ///< the last ones, oldest first; where somebody keeps them
};

}  // namespace ship
