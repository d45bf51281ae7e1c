#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "record/record.hpp"

namespace ship {

/// What the input saw. In every snapshot: lines == filtered + discarded + submitted.
struct InputCounts {
  std::uint64_t lines = 0;  ///< joined lines count as one, blank lines as none
  std::uint64_t bytes = 0;  ///< bytes read, including newlines and blank lines
  std::uint64_t blank = 0;
  std::uint64_t invalid = 0;    ///< not a JSON object; `on_invalid` decides what happens to them
  std::uint64_t truncated = 0;  ///< cut at max_line_bytes
  std::uint64_t filtered = 0;
  std::uint64_t discarded = 0;  ///< removed by `on_invalid`
  std::uint64_t submitted = 0;
  /// NULs and byte order marks before lines; part of `bytes`.
  std::uint64_t skipped_bytes = 0;
  /// Of those that were submitted, by LevelName.
  std::array<std::uint64_t, static_cast<std::size_t>(LevelName::security) + 1> levels{};

  void count_submitted(std::span<const Record> records) {
    submitted += records.size();
    for (const Record& record : records) ++levels[static_cast<std::size_t>(record.level.name)];
  }
  bool balanced() const { return lines == filtered + discarded + submitted; }
  InputCounts& operator+=(const InputCounts& other) {
    lines += other.lines;
    bytes += other.bytes;
    blank += other.blank;
    invalid += other.invalid;
    truncated += other.truncated;
    skipped_bytes += other.skipped_bytes;
    filtered += other.filtered;
    discarded += other.discarded;
    submitted += other.submitted;
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] += other.levels[i];
    return *this;
  }
  /// What was counted since `earlier`, which was counted by the same.
  InputCounts since(const InputCounts& earlier) const {
    InputCounts part = *this;
    part.lines -= earlier.lines;
    part.bytes -= earlier.bytes;
    part.blank -= earlier.blank;
    part.invalid -= earlier.invalid;
    part.truncated -= earlier.truncated;
    part.skipped_bytes -= earlier.skipped_bytes;
    part.filtered -= earlier.filtered;
    part.discarded -= earlier.discarded;
    part.submitted -= earlier.submitted;
    for (std::size_t i = 0; i < levels.size(); ++i) part.levels[i] -= earlier.levels[i];
    return part;
  }
  friend bool operator==(const InputCounts&, const InputCounts&) = default;
};

}  // namespace ship
