#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "rows/setting.hpp"

namespace ship {

struct StatsSettings {
  enum class Format : std::uint8_t { text, json };
  Format format = Format::text;
  std::chrono::milliseconds interval{0};  ///< 0: off
  bool at_exit = false;
  std::string signal = "USR1";
  bool operator==(const StatsSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> stats_rows();

}  // namespace ship
