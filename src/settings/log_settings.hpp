#pragma once

#include <cstdint>
#include <span>

#include "base/log.hpp"
#include "rows/setting.hpp"

namespace ship {

/// The shipper's own messages on standard error.
struct LogSettings {
  /// `automatic`: journal if systemd's journal reads them, else text.
  enum class Format : std::uint8_t { automatic, text, json, journal };
  Format format = Format::automatic;
  LogLevel level = LogLevel::info;  ///< less severe ones are not shown
  bool operator==(const LogSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> log_rows();

}  // namespace ship
