#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "record/identity.hpp"
#include "record/level.hpp"

namespace ship {

/// One log record: a view of one line, and what the queue and the sinks need to know about it.
/// Owns nothing. Whoever hands a Record out says how long `line` lives: the input's until the
/// hand-over callback returns, a batch's until the batch is released.
struct Record {
  /// One JSON object, UTF-8, without a newline, never empty.
  std::string_view line;
  /// The event's own time; the time of arrival if the line has none or it cannot be read.
  WallNanos time = 0;
  Level level;
  /// Where the text of the level is in `line`, without its quotes; size 0 if there is none or it is
  /// longer than 255 bytes.
  std::uint8_t level_size = 0;
  /// The record has been through the stages that change records, and does not go through them
  /// again.
  bool transformed = false;
  std::uint32_t level_at = 0;
  /// Identifies the record. Stages that change the line do not change it.
  RecordId id = {};

  /// The level's name as the application wrote it; the canonical name if it wrote a number or
  /// nothing.
  std::string_view level_name() const {
    if (level_size == 0) return level_text(level);
    return line.substr(level_at, level_size);
  }
};

}  // namespace ship
