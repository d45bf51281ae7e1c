#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "record/dialect_keys.hpp"
#include "record/probe.hpp"
#include "record/timestamp.hpp"
#include "record/walk.hpp"

namespace ship {

/// Interprets the values that a walk over a line noted: part of the probe.

/// Fills in the level. The first place in the table's order that holds a level's word counts; else
/// the first number, on the scale of the dialect that the line's marks identify; else the first
/// text, as an unknown level. Weak places come last. True: the word at the first of the line's
/// places decided, whatever else is in the line.
bool find_level(const Walk& walk, const DialectKeys& keys, const char* line, Finding& finding);

/// Remembers the levels that short words meant in earlier lines: a log has few of them, in one
/// place.
class LevelMemo {
 public:
  /// As find_level.
  void find_level(const Walk& walk, const DialectKeys& keys, const char* line, Finding& finding);

 private:
  struct Known {
    std::uint64_t word = 0;
    std::uint8_t size = 0;  ///< 0: nothing known
    std::uint8_t slot = 0;
    Level level;
  };
  std::array<Known, 16> known_;
};

/// Fills in the time from the first place that holds one that can be read.
void find_time(const Walk& walk, const DialectKeys& keys, TimeParser& times, Finding& finding);

/// The inside of the string that a platform's envelope holds, as written, if it may say more than
/// what was found.
std::optional<std::string_view> inner_text(const Walk& walk, const DialectKeys& keys,
                                           const Finding& finding);

/// Fills in the values at the user's paths, overriding what was found.
void find_configured(std::string_view line, const Probe::Options& options, TimeParser& times,
                     Finding& finding);

}  // namespace ship
