#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "record/record.hpp"

namespace ship {

/// One way to leave records out at the intake. Runs on the reader's thread, in well under a
/// microsecond per record; allocates nothing per record and never waits.
class Filter {
 public:
  virtual ~Filter() = default;

  /// Its name in the statistics.
  virtual std::string_view name() const = 0;

  /// Moves those of `records` that continue to the front, in order, and returns how many there are.
  virtual std::size_t choose(std::span<Record> records, SteadyTime now) = 0;

  /// How many records it currently holds back: neither passed on nor left out yet.
  virtual std::uint64_t held() const { return 0; }
  /// When to call `release` even if no record came; none: never.
  virtual std::optional<SteadyTime> release_at() const { return std::nullopt; }
  /// Appends the held records that continue at `now`, or all of them at the end of the input. They
  /// live until the next call of `choose` or `release`.
  virtual void release(SteadyTime now, bool end, std::vector<Record>& out) {
    static_cast<void>(now);
    static_cast<void>(end);
    static_cast<void>(out);
  }

  /// The share of unprotected records that continues, for filters that sample. Any thread.
  virtual std::optional<double> rate() const { return std::nullopt; }
};

}  // namespace ship
