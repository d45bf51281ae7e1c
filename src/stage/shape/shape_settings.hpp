#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

/// What the record looks like at the destination.
struct ShapeSettings {
  enum class Envelope : std::uint8_t { keep, unwrap, flatten };
  enum class Timestamp : std::uint8_t { keep, rfc3339, epoch_s, epoch_ms, epoch_us, epoch_ns };
  std::vector<std::string> keep;                            ///< path patterns; empty: all
  std::vector<std::string> remove;                          ///< path patterns
  std::vector<std::pair<std::string, std::string>> rename;  ///< path pattern and new name
  std::vector<std::pair<std::string, std::string>> levels;  ///< level and its new name
  Timestamp timestamp = Timestamp::keep;
  Envelope envelope = Envelope::keep;

  bool empty() const {
    return keep.empty() && remove.empty() && rename.empty() && levels.empty() &&
           timestamp == Timestamp::keep && envelope == Envelope::keep;
  }
  bool operator==(const ShapeSettings&) const = default;
};

/// Records that are too large for their destination.
struct SizeGuardSettings {
  enum class Action : std::uint8_t { truncate, drop };
  std::uint64_t max_bytes = 0;  ///< of a line; 0: off
  Action action = Action::truncate;
  bool operator==(const SizeGuardSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> shape_rows();
std::span<const Setting> size_guard_rows();

}  // namespace ship
