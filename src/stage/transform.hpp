#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "record/record.hpp"

namespace ship {

/// One way to change records on their way to a sink. Runs on the threads of the workers, each with
/// its own; the same line gives the same outcome everywhere.
class Transform {
 public:
  ///   unchanged  the record is as it was, byte for byte
  ///   changed    its line is new, lives in the arena, and is one JSON object again
  ///   drop       the settings ask for the record to be dropped
  ///   failed     it could not be done; the record is as it was
  enum class Outcome : std::uint8_t { unchanged, changed, drop, failed };

  virtual ~Transform() = default;

  /// Its name in the statistics.
  virtual std::string_view name() const = 0;

  virtual Outcome apply(Record& record, Arena& arena) = 0;
};

}  // namespace ship
