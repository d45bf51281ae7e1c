#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "queue/batch.hpp"
#include "queue/queue_settings.hpp"
#include "queue/segment.hpp"
#include "record/record.hpp"

namespace ship {

/// What a push evicted, for the ledger.
struct Evictions {
  std::uint64_t total = 0;
  std::uint64_t protected_records = 0;  ///< of `total`; only under `oldest`
  std::array<std::uint64_t, 100> by_severity{};
};

/// A bounded queue of records that knows what matters. It owns their bytes.
///
/// One FIFO per class (protected or not, severity), merged by sequence number: survivors keep their
/// order of arrival, and every insertion, eviction and removal happens at an end of a FIFO, in O(1)
/// in the number of records. When full, in drop mode, records give way by the policy in
/// queue/eviction_policy.hpp, which the spool shares.
/// A single record larger than the byte limit is refused. Not thread-safe: its lane guards it.
class Queue {
 public:
  /// A record that came in and is not done with yet, wherever it is.
  struct Held {
    std::uint64_t sequence = 0;
    RecordId id;
  };

  struct Limits {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  ///< of memory, headers and padding included
    DropPolicy drop = DropPolicy::newest;
  };

  /// The first record pushed gets `first_sequence`, each later one a higher number.
  explicit Queue(Limits limits, std::uint64_t first_sequence = 1)
      : limits_(limits), next_sequence_(first_sequence) {}
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  std::uint64_t depth() const { return depth_; }
  /// Bytes of the queued records.
  std::uint64_t bytes() const { return bytes_; }
  /// Bytes of records that left the queue in a batch and are not released yet, plus reserved bytes.
  std::uint64_t bytes_outside() const { return pinned_ + reserved_; }
  /// Charges or frees bytes that the queue's records take elsewhere (encoded, read from disk). They
  /// count against the limit as if queued.
  void reserve(std::uint64_t bytes) { reserved_ += bytes; }
  void unreserve(std::uint64_t bytes) { reserved_ -= bytes; }
  std::uint64_t reserved() const { return reserved_; }
  const Limits& limits() const { return limits_; }
  /// Applies from the next push on. Queued records stay, even if they exceed the new limits.
  void set_limits(const Limits& limits) { limits_ = limits; }

  /// Whether a line of `size` bytes fits without any eviction.
  bool has_room(std::size_t size) const {
    return depth_ < limits_.records && charged() + Slot::footprint(size) <= limits_.bytes;
  }

  /// Copies the record in, making room by the drop policy. False: refused. `arrival_ms` as in Slot.
  bool push(const Record& record, bool is_protected, std::uint32_t arrival_ms,
            Evictions& evictions);
  /// Copies the record in regardless of the limits: for block mode, whose lane waits for room
  /// first.
  void push_always(const Record& record, bool is_protected, std::uint32_t arrival_ms);

  /// The record that arrived first; null when empty. Lives until the next call of a non-const
  /// method.
  const Slot* oldest() const;

  /// What the next record that is pushed gets.
  std::uint64_t next_sequence() const { return next_sequence_; }
  /// The record that arrived first of those that are queued or in a batch that was not released;
  /// none: there are none.
  std::optional<Held> oldest_held() const;

  enum class Order : std::uint8_t { arrival, protected_first };
  /// Moves records into `batch` (which must be empty) until it holds `max_records`, or the next one
  /// would push it over `max_bytes` of lines. Takes at least one if there is one.
  void take(std::uint64_t max_records, std::uint64_t max_bytes, Order order, Batch& batch);

  /// The records [begin, end) of the batch are done with: frees what they pinned and removes them
  /// from it.
  void release(Batch& batch, std::size_t begin, std::size_t end);

 private:
  static constexpr std::size_t kSeverities = 100;
  static constexpr std::size_t kClasses =
      2 * kSeverities;  ///< unprotected ones, then protected ones

  struct Fifo {
    Segment* head = nullptr;
    Segment* tail = nullptr;
    std::uint32_t head_slot = 0;  ///< of the next record in `head`
    std::uint32_t head_text = 0;  ///< where its line starts there
    std::uint64_t depth = 0;
    std::uint64_t bytes = 0;

    const Slot* front() const { return head->slot(head_slot); }
  };
  /// Which FIFOs hold records; visited in ascending order of class.
  struct Occupied {
    std::array<std::uint64_t, (kClasses + 63) / 64> words{};
    void set(std::size_t i) { words[i / 64] |= std::uint64_t{1} << (i % 64); }
    void clear(std::size_t i) { words[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
    template <class Visit>
    void each(std::size_t begin, std::size_t end, Visit visit) const;
  };

  struct Taken {
    std::uint64_t ticket = 0;
    Held oldest;
  };
  void note_taken(Batch& batch);
  static Held oldest_of(const Batch& batch);

  std::uint64_t charged() const { return bytes_ + pinned_ + reserved_; }
  static std::size_t class_of(Severity severity, bool is_protected);
  std::size_t lowest_class(std::size_t begin, std::size_t end) const;
  std::size_t oldest_class(std::size_t begin, std::size_t end) const;
  bool make_room(std::uint32_t footprint, Severity severity, bool is_protected,
                 Evictions& evictions);
  void open_segment(Fifo& fifo, std::uint32_t footprint);
  /// Takes the oldest record of a class out; `text` is where its line starts.
  Batch::Pin pop_front(Fifo& fifo, const char*& text);
  void unpin(Segment* segment);
  /// Takes from the classes [begin, end) in order of arrival. False: the batch is full.
  bool take_from(std::size_t begin, std::size_t end, std::uint64_t max_records,
                 std::uint64_t max_bytes, std::uint64_t& bytes, Batch& batch);

  Limits limits_;
  SegmentPool pool_;
  std::array<Fifo, kClasses> fifos_{};
  Occupied occupied_;
  std::uint64_t depth_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t pinned_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t next_sequence_;
  std::vector<Taken> taken_;  ///< one for each batch that holds records; few
  std::uint64_t tickets_ = 0;
};

}  // namespace ship
