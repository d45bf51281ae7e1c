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

/// What the values mean that a walk over a line noted: part of the probe.

/// Fills in the level. The first place in the table's order that holds a level's word counts; else
/// the first number, on the scale of the dialect that the line's marks tell; else the first text,
/// as a level that nobody knows. Weak places come last. True: the word at the first of the places
/// that the line has decided, whatever else stands in it.
bool find_level(const Walk& walk, const DialectKeys& keys, const char* line, Finding& finding);

/// The levels that short words meant in the lines before: a log has few of them, at one place.
class LevelMemo {
 public:
  /// As find_level.
  void find_level(const Walk& walk, const DialectKeys& keys, const char* line, Finding& finding);

 private:
  struct Known {
    std::uint64_t word = 0;
    std::uint8_t size = 0;  ///< 0: nothing is known
    std::uint8_t slot = 0;
    Level level;
  };
  std::array<Known, 16> known_;
};

/// Fills in the time from the first place that holds one that can be read.
void find_time(const Walk& walk, const DialectKeys& keys, TimeParser& times, Finding& finding);

/// The inside of the string that a platform's envelope holds, as it is written, where it may tell
/// more than what was found.
std::optional<std::string_view> inner_text(const Walk& walk, const DialectKeys& keys,
                                           const Finding& finding);

/// Fills in what stands at the paths that the user gave, over what was found.
void find_configured(std::string_view line, const Probe::Options& options, TimeParser& times,
                     Finding& finding);

}  // namespace ship
