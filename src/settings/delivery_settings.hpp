#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "rows/setting.hpp"

namespace ship {

/// Whether records are delivered in the order in which they came, which means one request at a
/// time.
enum class DeliveryOrder : std::uint8_t { keep, any };

struct DeliverySettings {
  /// With `workers` 0. Chosen so that 20,000 lines a second fit in a queue of 10,000 until the
  /// first answer comes, half a second later.
  static constexpr std::uint32_t kFirstRequests = 4;

  std::uint32_t workers = 0;  ///< requests in flight; 0: as many as help, up to max_in_flight
  std::uint32_t max_in_flight = 16;
  DeliveryOrder order = DeliveryOrder::any;
  std::uint32_t batch_size = 10000;
  std::uint64_t batch_max_bytes = 960u << 10;
  std::chrono::milliseconds batch_timeout{250};
  std::chrono::milliseconds request_timeout{10000};
  std::chrono::milliseconds retry_base{500};
  std::chrono::milliseconds retry_max{30000};
  std::chrono::milliseconds retry_max_elapsed{0};
  std::chrono::milliseconds drain_timeout{8000};
  std::uint32_t breaker_failures = 5;  ///< failures in a row that open it; 0: no breaker
  std::chrono::milliseconds breaker_interval{2000};  ///< between probes while it is open
  bool fail_on_loss = false;                         ///< any dropped record makes the exit code 75

  /// How many workers a sink starts with.
  std::uint32_t first_workers() const {
    return workers > 0 ? workers : std::min(kFirstRequests, max_in_flight);
  }
  bool operator==(const DeliverySettings&) const = default;
};

struct DeadLetterSettings {
  std::string path;  ///< empty: none
  bool operator==(const DeadLetterSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> delivery_rows();
std::span<const Setting> dead_letter_rows();

}  // namespace ship
