#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "record/record.hpp"

namespace ship {

/// Decides which records continue past the intake. Called from the reader's thread only.
class RecordFilter {
 public:
  virtual ~RecordFilter() = default;

  /// Leaves in `batch` what continues, in order, and returns how many records were left out for
  /// good. The others are held back and come with a later call, as part of its batch; with `end`,
  /// all come now. Records that it adds, and lines that it changed, live until the next call.
  /// `batch` may be empty.
  virtual std::uint64_t filter(std::vector<Record>& batch, bool end) = 0;

  /// When to call it even if no record came; none: never.
  virtual std::optional<SteadyTime> wake_at() const = 0;
};

}  // namespace ship
