#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "rows/setting.hpp"

namespace ship {

enum class SpoolMode : std::uint8_t { overflow, durable, off };

struct SpoolSettings {
  std::string dir;  ///< empty: no spool
  std::uint64_t max_bytes = 1ull << 30;
  SpoolMode mode = SpoolMode::overflow;
  /// The longest that the input waits while no byte reaches the disk.
  std::chrono::milliseconds wait{1000};

  /// Whether a spool is wanted.
  bool wanted() const { return !dir.empty() && mode != SpoolMode::off; }
  bool operator==(const SpoolSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> spool_rows();

}  // namespace ship
