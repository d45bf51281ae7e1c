#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace ship {

/// What a sink has said already that is to be said once: a member of its settings, so that all its
/// workers, whose sinks are made from them, share it. Copies are the same; no part of what settings
/// say, so that all are equal. Thread-safe.
class SaidOnce {
 public:
  /// True for the first who asks; `what` is below kMost.
  bool first(std::size_t what) const { return !(*said_)[what].exchange(true); }
  bool operator==(const SaidOnce&) const { return true; }

  static constexpr std::size_t kMost = 4;

 private:
  std::shared_ptr<std::array<std::atomic<bool>, kMost>> said_ =
      std::make_shared<std::array<std::atomic<bool>, kMost>>();
};

}  // namespace ship
