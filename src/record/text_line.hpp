#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "record/level.hpp"
#include "record/timestamp.hpp"

namespace ship {

/// What the start of a line of plain text shows.
struct TextFinding {
  /// What makes the line the first of a record. Lines that continue it have none.
  enum class Head : std::uint8_t {
    none,
    level,    ///< it starts with a level: "ERROR: …", "[warn] …", "E0102 …"
    time,     ///< it starts with a time
    failure,  ///< a runtime's last message: "panic: …", "Exception in thread …"
  };
  Head head = Head::none;
  bool has_level = false;
  bool has_time = false;
  Level level;
  WallNanos time = 0;
};

/// Looks for a level and a time near the start of a line of plain text, as loggers write them: a
/// level's word or code on its own, in brackets, before a colon or as level=…, and one of the times
/// of read_written_time. A level's word in running prose does not count. Looks at the first 256
/// bytes of the first line, once, from left to right (for java.util.logging's two lines also at the
/// second); allocates nothing. Skips colours in `text`.
TextFinding read_text_line(std::string_view text, TimeParser& times);

}  // namespace ship
