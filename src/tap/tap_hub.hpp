#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/record.hpp"
#include "tap/tap_ring.hpp"

namespace ship {

class TapHub;

/// A place that records pass. Cheap to copy; the hub outlives it.
class TapPoint {
 public:
  /// Nobody ever looks.
  TapPoint() = default;

  /// Copies the records for those who look at this place, as far as they have room. Where nobody
  /// looks at any place it is one relaxed load. Any thread; waits for no reader.
  inline void offer(std::span<const Record> records) const;

 private:
  friend class TapHub;
  TapPoint(TapHub* hub, std::uint32_t number) : hub_(hub), number_(number) {}
  TapHub* hub_ = nullptr;
  std::uint32_t number_ = 0;
};

/// Who looks at records while they pass, and where. At most kMostReaders at a time, each with a ring
/// of its own, which is kept for the next one: records are offered without an allocation, and without
/// a lock that a reader ever has.
class TapHub {
 public:
  static constexpr std::size_t kMostReaders = 4;

  /// One who looks, until it is destroyed. Belongs to one thread; the hub outlives it.
  class Reader {
   public:
    ~Reader() { hub_.close(slot_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    /// As in TapRing, of records that were meant for this reader.
    bool pop(TapRing::Taken& taken);
    std::uint64_t take_left_out();
    bool has_news() const;

   private:
    friend class TapHub;
    Reader(TapHub& hub, std::size_t slot, std::uint32_t session)
        : hub_(hub), slot_(slot), session_(session) {}
    TapHub& hub_;
    const std::size_t slot_;
    const std::uint32_t session_;
  };

  TapHub() = default;
  TapHub(const TapHub&) = delete;
  TapHub& operator=(const TapHub&) = delete;

  /// Where the input's records pass, before the stages.
  TapPoint input() { return {this, kInput}; }
  /// Where the records pass that this sink gets, behind the stages; the same for each sink that has
  /// this name in its turn.
  TapPoint sink(const std::string& name);
  /// The sink of a point that came out of a ring.
  std::string name_of(std::uint32_t point) const;

  /// Looks at the input.
  std::unique_ptr<Reader> look_at_input() { return open(kInputOnly); }
  /// Looks at one sink, or at all of them where `name` is empty. Null, as above: there are
  /// kMostReaders.
  std::unique_ptr<Reader> look_at_sink(const std::string& name);

 private:
  friend class TapPoint;
  static constexpr std::uint32_t kInput = 0;
  // What a slot wants: the number of its session in the upper half, in the lower one of these, or
  // kOneSink and the number of a point.
  static constexpr std::uint32_t kNothing = 0;
  static constexpr std::uint32_t kInputOnly = 1;
  static constexpr std::uint32_t kAnySink = 2;
  static constexpr std::uint32_t kOneSink = 3;

  struct Slot {
    std::atomic<std::uint64_t> wanted = kNothing;
    std::mutex pushing;  ///< among those who offer records, while they copy them; never a reader
    std::unique_ptr<TapRing> ring;  ///< made for its first reader, before `wanted` says so
    bool taken = false;             ///< guarded by the hub's mutex
  };

  static bool wants(std::uint64_t wanted, std::uint32_t point);
  void push(std::uint32_t point, std::span<const Record> records);
  std::unique_ptr<Reader> open(std::uint32_t what);
  void close(std::size_t slot);
  std::uint32_t number_of(const std::string& name);

  std::atomic<std::uint32_t> readers_ = 0;
  std::array<Slot, kMostReaders> slots_;
  mutable std::mutex mutex_;        ///< of readers and of who makes points; never of who offers
  std::vector<std::string> names_;  ///< of points, from 1 on
  std::uint32_t sessions_ = 0;
};

void TapPoint::offer(std::span<const Record> records) const {
  if (hub_ == nullptr || hub_->readers_.load(std::memory_order_relaxed) == 0) return;
  hub_->push(number_, records);
}

}  // namespace ship
