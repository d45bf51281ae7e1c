#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "input/enveloped_line.hpp"
#include "input/splitter.hpp"
#include "input/text_group.hpp"

namespace ship {

/// What an Intake holds of one writer between two reads: the beginning of a line, parts of one, and
/// text that waits for lines that go on with it. An intake has one of its own; who reads many
/// writers gives each a flow, so that their lines never mix. Used by one thread.
class Flow {
 public:
  Flow(std::uint64_t max_line_bytes, std::size_t block_bytes, Multiline::Options options,
       TextSource source)
      : splitter_(max_line_bytes, block_bytes), group_(std::move(options), source) {}

  /// Bytes of memory that hold what waits.
  std::size_t held_bytes() const {
    return splitter_.buffer_bytes() + group_.buffer_bytes() + parts_[0].text.capacity() +
           parts_[1].text.capacity();
  }
  /// Bytes of a line that was begun and may grow.
  std::size_t begun_bytes() const { return splitter_.begun_line().size(); }
  /// Gives back the memory in which nothing waits.
  void release() {
    splitter_.release();
    group_.release();
    for (LineParts& parts : parts_) {
      if (!parts.waits) std::string().swap(parts.text);
    }
  }
  /// When text has waited long enough for lines that go on with it. None: nothing waits.
  const std::optional<SteadyTime>& deadline() const { return deadline_; }

 private:
  friend class Intake;

  Splitter splitter_;
  TextGroup group_;
  std::array<LineParts, 2> parts_;  ///< of standard output and standard error
  bool group_is_new_ = false;
  SteadyTime group_began_{};
  std::optional<SteadyTime> deadline_;
};

}  // namespace ship
