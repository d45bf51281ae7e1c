#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "input/follow/file_place.hpp"

namespace ship {

class InFlightBatch;
class Lane;

/// Knows up to where each followed file is done with: every record before that place has an ending
/// in every lane, or is in its spool on disk. The reader says what it handed on, each lane numbers
/// what it gets; a stretch is done once no lane holds a record with a number from before its end.
/// Lanes take themselves in and out. Thread-safe; takes the lanes' mutexes inside its own, so it is
/// called without them.
class SettledInput {
 public:
  /// Takes places that are done with, rising for each file, and what is done with behind them
  /// (where there is one lane). Called under this object's mutex, so
  /// that a worker has its batch on record before it takes the next one.
  using OnSettled = std::function<void(std::span<const FilePlace>, std::span<const FileRange>)>;

  explicit SettledInput(OnSettled on_settled) : on_settled_(std::move(on_settled)) {}

  void add(const Lane& lane);
  void remove(const Lane& lane);

  /// Filters may hold records back for so long from now on.
  void set_hold_back(std::chrono::milliseconds hold_back);
  std::chrono::milliseconds hold_back() const;

  /// The reader's, before records are handed on: they are of a stretch that begins here and whose
  /// end `read` will tell.
  void hands_on(const FileStretch& begun);
  /// The reader's: all records of the stretch are with the lanes, or were left out, or are held back
  /// by a filter.
  void read(const FileStretch& stretch, SteadyTime now);
  /// The reader's, now and then, and after each `read`: what filters held back at `now` minus
  /// hold_back is with the lanes. Then as `advance`.
  void tick(SteadyTime now);
  /// The records of `batch` before `finished` are done with, and the lane is about to let go of
  /// them. Then `advance` is due.
  void finished(const InFlightBatch& batch, std::size_t finished);
  /// Hands out what is done with now. Any thread.
  void advance();
  /// Records of other lanes went on to `to`.
  void diverted(const Lane& to);
  /// No lane takes a record any more. The last call but for `remove`.
  void finish();

 private:
  struct Waiting {
    FileStretch stretch;
    SteadyTime read_at;
  };
  /// Stretches that one set of numbers stands behind.
  struct Group {
    std::vector<FileStretch> stretches;
    std::vector<std::uint64_t> until;  ///< for each lane, in the order of lanes_
    bool diverted = false;
  };

  void seal(const FileStretch& stretch);
  void hand_out();
  bool is_done(const Group& group) const;
  void find_place(const Group& group);
  void find_place_in_begun();
  bool is_in_order(const RecordId& id) const;

  const OnSettled on_settled_;
  mutable std::mutex mutex_;
  std::vector<const Lane*> lanes_;
  std::chrono::milliseconds hold_back_{0};
  std::deque<Waiting> held_back_;
  std::deque<Group> groups_;
  std::optional<FileStretch> begun_;
  std::vector<std::uint64_t> oldest_;  ///< of each lane; used within a call
  std::vector<RecordId> oldest_ids_;
  std::vector<FilePlace> places_;
  std::vector<FileRange> ranges_;
  bool is_finished_ = false;
};

}  // namespace ship
