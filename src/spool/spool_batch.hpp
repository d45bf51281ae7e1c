#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record/record.hpp"
#include "spool/spool_claim.hpp"
#include "spool/spool_format.hpp"

namespace ship {

/// What a record of a SpoolBatch takes beside its line, bytes.
inline constexpr std::uint64_t kSpoolBatchRecord = sizeof(Record) + 48;

/// Records that were taken from a spool together, in the order in which they are to be delivered,
/// and their bytes. Reused by its worker, so that a steady flow allocates nothing. Belongs to one
/// thread at a time.
class SpoolBatch {
 public:
  std::size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  /// Views into the batch; they live until it is settled.
  std::span<const Record> records(std::size_t begin, std::size_t end) const {
    return {records_.data() + begin, end - begin};
  }
  std::uint64_t sequence(std::size_t index) const { return origins_[index].sequence; }
  bool is_protected(std::size_t index) const { return origins_[index].is_protected; }

  /// Of the object that these records were to become when they were taken before; empty: they are
  /// taken for the first time.
  const std::string& name() const { return name_; }

  /// Reorders [begin, end): first those at `front` (ascending, relative to begin), then the others;
  /// both in their old order.
  void move_to_front(std::size_t begin, std::size_t end, std::span<const std::uint32_t> front);

 private:
  friend class SpoolReader;
  /// Where a record came from, for its acknowledgement.
  struct Origin {
    std::uint64_t segment = 0;
    std::uint64_t sequence = 0;
    std::uint32_t from = 0;  ///< its bytes there
    std::uint32_t to = 0;
    std::uint64_t claim = 0;  ///< that it belongs to; 0: none
    bool is_protected = false;
  };
  static_assert(sizeof(Record) + sizeof(Origin) <= kSpoolBatchRecord);

  void clear();
  /// Copies the line; `records_` are valid only after `finish`.
  void add(const SpoolRecord& record, const Origin& origin);
  /// Sets the identity of the record that was added last.
  void identify_last(const RecordId& id) { records_.back().id = id; }
  void finish();
  /// In the order of sequence numbers, so that the same records are in the same order each time.
  void sort();
  SpoolClaim::Range claim_range(std::size_t index) const;

  std::vector<Record> records_;
  std::vector<Origin> origins_;
  std::string lines_;
  std::string name_;
};

}  // namespace ship
