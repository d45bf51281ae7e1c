#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record/record.hpp"
#include "spool/spool_format.hpp"

namespace ship {

/// Records taken from a spool together, in delivery order, and their bytes. A worker reuses its
/// batch, so a steady flow allocates nothing. Belongs to one thread at a time.
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

  /// Reorders [begin, end): the records at `front` (ascending, relative to begin) come first, then
  /// the rest; each group keeps its order.
  void move_to_front(std::size_t begin, std::size_t end, std::span<const std::uint32_t> front);

 private:
  friend class SpoolReader;
  /// Where a record came from, for its acknowledgement.
  struct Origin {
    std::uint64_t segment = 0;
    std::uint64_t sequence = 0;
    std::uint32_t from = 0;  ///< its bytes there
    std::uint32_t to = 0;
    bool is_protected = false;
  };

  void clear();
  /// Copies the line; `records_` are valid only after `finish`.
  void add(const SpoolRecord& record, const Origin& origin);
  /// Sets the identity of the record that was added last.
  void identify_last(const RecordId& id) { records_.back().id = id; }
  void finish();

  std::vector<Record> records_;
  std::vector<Origin> origins_;
  std::string lines_;
};

}  // namespace ship
