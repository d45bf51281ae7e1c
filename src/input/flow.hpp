#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "input/splitter.hpp"
#include "input/waiting_lines.hpp"

namespace ship {

/// What an Intake holds of one writer between two reads: the beginning of a line, parts of one, and
/// text that waits for lines that go on with it. An intake has one of its own; who reads many
/// writers gives each a flow, so that their lines never mix. Used by one thread.
class Flow {
 public:
  Flow(std::uint64_t max_line_bytes, std::size_t block_bytes, Multiline::Options options,
       TextSource source)
      : splitter_(max_line_bytes, block_bytes),
        waiting_{TextGroup(std::move(options), source), {}, false, {}, {}} {}

  /// Bytes of memory that hold what waits.
  std::size_t held_bytes() const {
    return splitter_.buffer_bytes() + waiting_.group.buffer_bytes() +
           waiting_.parts[0].text.capacity() + waiting_.parts[1].text.capacity();
  }
  /// Bytes of a line that was begun and may grow.
  std::size_t begun_bytes() const { return splitter_.begun_line().size(); }
  /// Gives back the memory in which nothing waits.
  void release() {
    splitter_.release();
    waiting_.group.release();
    for (LineParts& parts : waiting_.parts) {
      if (!parts.waits) std::string().swap(parts.text);
    }
  }
  /// When text has waited long enough for lines that go on with it. None: nothing waits.
  const std::optional<SteadyTime>& deadline() const { return waiting_.deadline; }

 private:
  friend class Intake;

  Splitter splitter_;
  WaitingLines waiting_;
};

}  // namespace ship
