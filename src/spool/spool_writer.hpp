#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "spool/spool_reader.hpp"
#include "spool/spool_table.hpp"

namespace ship {

/// The writing side of a spool: puts records at the end of their class's segment, makes room by the
/// policy, and takes back what the disk took only in part. One thread at a time.
class SpoolWriter {
 public:
  /// `next_id`: above the ids of all existing segments.
  SpoolWriter(SpoolTable& table, SpoolReader& reader, std::uint64_t next_id)
      : table_(table), reader_(reader), next_id_(next_id) {}

  SpoolAppend append(std::span<const SpoolRecord> records);
  /// Seals everything that is open. No append afterwards.
  void close(SpoolEvents& events);

 private:
  /// A segment that may get more records. The runs of two tails of one class may overlap.
  struct Tail {
    std::uint64_t id = 0;
    SpoolClass kind;
    std::unique_ptr<File> file;           ///< null: the tail is done
    FileStatus opened;                    ///< identifies the file
    std::unique_ptr<SpoolSegment> fresh;  ///< not in the table yet
    SpoolSegment* segment = nullptr;      ///< set while it is marked as appending
    std::uint32_t end = 0;                ///< end of the records that the table knows
    std::uint32_t written = 0;            ///< end of what is written to the file
    std::uint64_t last_sequence = 0;
    bool full = false;                   ///< to be sealed once the append is finished
    bool spoilt = false;                 ///< data that was taken back may follow `written`
    std::vector<std::uint32_t> pending;  ///< the records of this append in [end, written)
  };

  /// Stores the records of one class, which are in sequence order.
  void append_class(std::span<const std::uint32_t> indexes);
  /// Evicts until the record fits; false: it must be refused, and nothing was evicted for it.
  bool make_room(SpoolClass kind, std::uint64_t sequence, std::uint64_t footprint);
  /// The segment that gives way first, if those that would give way hold `shortage` bytes. 0: none.
  std::uint64_t victim(SpoolClass newcomer, std::uint64_t sequence, std::uint64_t shortage) const;
  /// The tail that the record may follow, the one with the latest such run; null: none.
  Tail* open_tail(SpoolClass kind, std::uint64_t sequence);
  bool is_open(const Tail& tail) const;
  /// The tail that the record goes to, marked as appending. Null: no file can be made, see
  /// events.error.
  Tail* tail_for(SpoolClass kind, std::uint64_t sequence, std::uint64_t footprint);
  Tail* make_tail(SpoolClass kind, std::uint64_t sequence);
  bool claim(Tail& tail);
  /// Whether the tail's file still has its name; if not, counts what that loses.
  bool is_in_place(const Tail& tail);
  /// Writes `chunk_` after what is written; false: nothing of it was written, see events.error.
  bool write_chunk(Tail& tail, std::uint64_t sequence);
  void take_back(Tail& tail, std::uint32_t to);
  /// Makes all that was written durable and known to the readers, or takes it back; seals what is
  /// full, or everything.
  void finish_append(bool seal);
  void sync();
  void not_synced(Tail& tail, Error error);
  /// The caller holds SpoolTable::state.
  void publish(Tail& tail);
  void let_go(Tail& tail);
  void fail(std::span<const std::uint32_t> indexes);
  void set_error(Error error);
  std::uint64_t free_bytes() const;

  SpoolTable& table_;
  SpoolReader& reader_;
  std::uint64_t next_id_;
  std::vector<std::unique_ptr<Tail>> tails_;

  // The records of the current append.
  std::span<const SpoolRecord> records_;
  SpoolAppend* result_ = nullptr;
  std::vector<std::uint32_t> order_;
  std::string chunk_;
};

}  // namespace ship
