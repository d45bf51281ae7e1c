#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace ship {

/// Memory handed out in pieces and taken back all at once. Pieces do not move. One thread.
class Arena {
 public:
  /// `bytes` bytes that live until `reset`.
  char* allocate(std::size_t bytes) {
    if (room_ < bytes) {
      room_ = std::max(bytes, kBlock);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
      next_ = blocks_.back().get();
      held_ += room_;
    }
    char* const piece = next_;
    next_ += bytes;
    room_ -= bytes;
    return piece;
  }

  std::string_view copy(std::string_view text) {
    char* const piece = allocate(text.size());
    if (!text.empty()) std::memcpy(piece, text.data(), text.size());
    return {piece, text.size()};
  }

  /// Takes everything back; keeps one block of the usual size for reuse.
  void reset() {
    if (blocks_.empty()) return;
    if (blocks_.size() > 1 || held_ > kBlock) {
      blocks_.resize(1);
      if (held_ > kBlock) blocks_.front() = std::make_unique_for_overwrite<char[]>(kBlock);
      held_ = kBlock;
    }
    next_ = blocks_.front().get();
    room_ = kBlock;
  }

  /// Bytes held, used or not.
  std::size_t held() const { return held_; }

 private:
  static constexpr std::size_t kBlock = std::size_t{64} << 10;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0;
  std::size_t held_ = 0;
};

}  // namespace ship
