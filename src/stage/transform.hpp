#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "record/record.hpp"
#include "stage/stage_meter.hpp"

namespace ship {

/// One way to change records on their way to a sink. Each worker thread has its own; the same line
/// gives the same outcome everywhere.
class Transform {
 public:
  ///   unchanged  the record is unchanged, byte for byte
  ///   changed    its line is new, lives in the arena, and is one JSON object again
  ///   drop       the settings ask for the record to be dropped
  ///   failed     it could not be done; the record is unchanged
  enum class Outcome : std::uint8_t { unchanged, changed, drop, failed };

  virtual ~Transform() = default;

  /// Its name in the statistics.
  virtual std::string_view name() const = 0;

  virtual Outcome apply(Record& record, Arena& arena) = 0;

  /// How often each of its rules has applied so far; only those that did. Any thread.
  virtual std::vector<RuleCount> rule_counts() const { return {}; }
  /// From now on `apply` appends to `notes`, for a person to read, what it did and where; null
  /// stops it.
  virtual void explain_to(std::vector<std::string>* /*notes*/) {}
};

}  // namespace ship
