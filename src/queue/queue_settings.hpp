#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

enum class DropPolicy : std::uint8_t { newest, oldest };

struct QueueSettings {
  std::uint64_t size = 10000;
  std::uint64_t max_bytes = 64u << 20;
  bool drop_on_full = true;
  std::chrono::milliseconds wait{0};
  DropPolicy drop = DropPolicy::newest;
  std::vector<std::string> protected_levels = {"ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"};
  bool operator==(const QueueSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> queue_rows();

}  // namespace ship
