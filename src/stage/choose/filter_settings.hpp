#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/level.hpp"
#include "rows/setting.hpp"

namespace ship {

/// Keeps a share of the records, and whole traces if records name one.
struct SampleSettings {
  double rate = 1;             ///< 0 to 1; 1: off
  std::string trace_id_field;  ///< a field path; empty: the usual places
  bool operator==(const SampleSettings&) const = default;
};

struct RateLimitSettings {
  double refill_rate_per_sec = 0;  ///< records; 0: off
  double capacity = 0;             ///< records that may come at once; 0: one second's worth
  std::string key_field;           ///< a field path; empty: one limit for all
  std::uint32_t max_keys = 10000;
  bool operator==(const RateLimitSettings&) const = default;
};

/// Repeats of a record within the window become one record that says how many there were.
struct DedupSettings {
  std::chrono::milliseconds window{0};  ///< 0: off
  std::vector<std::string> key_fields = {"level", "logger", "message", "msg", "event"};
  std::uint32_t max_keys = 10000;
  bool operator==(const DedupSettings&) const = default;
};

/// Samples at the rate that comes closest to a number of records a second.
struct AdaptiveSettings {
  double target_eps = 0;  ///< records a second; 0: off
  double min_sample_rate = 0.01;
  double max_sample_rate = 1;
  std::chrono::milliseconds window{10000};  ///< how long a burst is remembered
  std::string trace_id_field;               ///< as in SampleSettings
  bool operator==(const AdaptiveSettings&) const = default;
};

/// Filters at the intake, or of a single sink. Applied in this order.
struct FilterSettings {
  std::optional<Severity> min_level;
  std::string where;  ///< an expression; empty: all
  DedupSettings dedup;
  SampleSettings sample;
  RateLimitSettings rate_limit;
  AdaptiveSettings adaptive;
  /// Levels that sample, rate_limit and adaptive never leave out.
  std::vector<std::string> always_pass_levels = {"ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  bool operator==(const FilterSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> filter_rows();

}  // namespace ship
