#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "record/json_unescape.hpp"

namespace ship {

/// Walks along the inside of a JSON string and maps positions in the text that it represents to
/// positions in it. Ask in ascending order.
class EscapeMap {
 public:
  explicit EscapeMap(std::string_view raw) : raw_(raw), next_escape_(raw.find('\\')) {}

  /// Where the character that byte `at` of the text belongs to begins.
  std::size_t begin_of(std::size_t at) { return move_to(at, false); }
  /// Where the character that the byte before `at` belongs to ends.
  std::size_t end_of(std::size_t at) { return move_to(at, true); }

 private:
  std::size_t move_to(std::size_t at, bool behind) {
    while (true) {
      const std::size_t run = std::min(next_escape_, raw_.size()) - raw_at_;
      if (at <= text_at_ + run) return raw_at_ + (at - text_at_);
      if (next_escape_ >= raw_.size()) return raw_.size();
      const JsonCharacter character = read_json_escape(raw_.substr(next_escape_));
      const std::size_t text_end = text_at_ + run + character.size;
      if (at < text_end) return behind ? next_escape_ + character.raw_size : next_escape_;
      raw_at_ = next_escape_ + character.raw_size;
      text_at_ = text_end;
      next_escape_ = raw_.find('\\', raw_at_);
    }
  }

  std::string_view raw_;
  std::size_t raw_at_ = 0;
  std::size_t text_at_ = 0;
  std::size_t next_escape_;
};

}  // namespace ship
