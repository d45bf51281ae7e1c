#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "record/record.hpp"

namespace ship {

/// Records on their way to the reader of one tap, copied: a bounded memory with one writer and one
/// reader at a time, neither of whom ever waits for the other. What does not fit is left out and
/// counted.
class TapRing {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;

  /// One record, taken out.
  struct Taken {
    std::string line;  ///< the record's line is a view of it
    Record record;
    std::uint64_t left_out = 0;  ///< records that did not fit, just before this one
    std::uint32_t session = 0;
    std::uint32_t point = 0;
  };

  /// The memory is touched here, so that who writes never waits for its pages.
  TapRing() : bytes_(std::make_unique<char[]>(kBytes)) {}

  /// Copies as many of the records as fit; allocates nothing. `session` and `point` come out with
  /// them. One thread at a time.
  void push(std::span<const Record> records, std::uint32_t session, std::uint32_t point);

  /// The oldest record; false: there is none. The reader's thread, as all below.
  bool pop(Taken& taken);
  /// Takes out how many records were left out just behind the last one that was popped; 0 where
  /// others are in the ring, with which it comes.
  std::uint64_t take_left_out();
  /// There is something to pop or to tell.
  bool has_news() const;
  /// Forgets what is in it.
  void clear();

 private:
  struct Head {
    std::uint64_t left_out;
    std::uint32_t session;
    std::uint32_t point;
    std::uint32_t size;    ///< bytes of the line, which follows
    std::uint32_t number;  ///< of the record, from 1 on
    Record record;         ///< without its line
  };
  static constexpr unsigned kNumberBits = 24;
  static constexpr unsigned kCountBits = 64 - kNumberBits;
  static constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;
  void leave_out(std::uint64_t count);
  void write(std::uint64_t at, const void* from, std::size_t size);
  void read(std::uint64_t at, void* to, std::size_t size) const;

  std::unique_ptr<char[]> bytes_;
  // Both count bytes since the start.
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> read_ = 0;
  /// How many are missing, and, in the upper kNumberBits, behind which number.
  std::atomic<std::uint64_t> gap_ = 0;
  std::uint32_t last_pushed_ = 0;  ///< a number; the writer's
  std::uint32_t last_popped_ = 0;  ///< the reader's
};

}  // namespace ship
