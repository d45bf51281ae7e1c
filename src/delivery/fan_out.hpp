#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "delivery/lane.hpp"
#include "record/record.hpp"

namespace ship {

/// The lanes that currently get the input's records. A reader that hands records over keeps the set
/// that it began with, however long a lane holds it up; a change never waits for it. Thread-safe.
class FanOut {
 public:
  /// `on_left` is called, without any lock, when the last reader has left a set that was replaced.
  explicit FanOut(std::function<void()> on_left) : on_left_(std::move(on_left)) {}

  /// Hands the records to each lane of the present set. For readers.
  void submit(std::span<const Record> records);

  /// Uses these lanes from now on. They must outlive every `submit` that has begun, see `uses`.
  void replace(std::vector<Lane*> lanes);

  /// Whether the lane is in the present set, or a reader still uses it.
  bool uses(const Lane& lane) const;

 private:
  static void hand_over(const std::vector<Lane*>& lanes, std::span<const Record> records);

  struct Set {
    std::vector<Lane*> lanes;
    std::size_t readers = 0;
  };
  const std::function<void()> on_left_;
  mutable std::mutex mutex_;  ///< held to look at the list or change it, never over a lane's call
  std::unique_ptr<Set> present_ = std::make_unique<Set>();
  std::vector<std::unique_ptr<Set>> former_;  ///< sets that readers still use
};

}  // namespace ship
