#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "spool/spool_claim.hpp"
#include "spool/spool_table.hpp"

namespace ship {

/// The reading side of a spool: merges the segments by sequence, tracks what is in flight and what
/// is acknowledged, and removes segments. All public methods may be called from any thread.
class SpoolReader {
 public:
  explicit SpoolReader(SpoolTable& table)
      : table_(table),
        claim_files_(table.files, table.options.directory,
                     table.options.mode == SpoolMode::durable) {}

  /// Of the claims whose files were found: what is done with is acknowledged, the others are taken
  /// again where the spool keeps batches. `next_segment` is raised past the segments they name.
  void adopt_claims(std::vector<SpoolClaimName> found, std::uint64_t& next_segment,
                    std::vector<std::string>& messages);
  /// As Spool::claim.
  Result<void> claim(SpoolBatch& batch, std::size_t begin, std::size_t end, std::string name);

  SpoolEvents take(const SpoolTakeLimits& limits, SpoolBatch& batch);
  SpoolEvents settle(SpoolBatch& batch, std::size_t acknowledged);

  /// No more records will be added to `segment`: writes that through `file`, which is open on it,
  /// and removes the segment if it is done.
  void seal(SpoolSegment& segment, File& file, SpoolEvents& events);
  /// Removes a segment that is not being appended to; what was not taken is lost; what is in flight
  /// stays with its batch. False: it is gone, or everything left in it is in flight.
  bool evict(std::uint64_t id, SpoolEvents& events);
  /// Removes a file that never became part of the spool, now or once the disk allows it.
  void discard(std::unique_ptr<SpoolSegment> segment);
  /// Looks for files that someone else removed: their unread records are lost. Makes the directory
  /// again if that is gone too.
  void check_names(SpoolEvents& events);
  /// Removes what is done; in durable mode makes the acknowledgements durable.
  void close(SpoolEvents& events);

 private:
  // Callers of the following hold `reading`.

  /// The segment with the next record, which its cursor then holds; null: none is readable now.
  SpoolSegment* next(bool protected_first, SpoolEvents& events);
  /// The same among the unprotected, the protected, or both.
  SpoolSegment* next_among(std::array<bool, 2> groups, SpoolEvents& events);
  bool peek(SpoolSegment& segment, SpoolEvents& events);
  Result<void> open(SpoolSegment& segment);
  /// The file of `segment` is gone, and nothing more can be read from it. Returns how many records
  /// that loses.
  std::uint64_t lose(SpoolSegment& segment, SpoolEvents& events);
  void tell_removed(std::uint64_t lost, SpoolEvents& events) const;
  void read_failed(SpoolSegment& segment, Error error, SpoolEvents& events);
  bool skip_damage(SpoolSegment& segment, SpoolCursor::Found found, SpoolEvents& events);
  /// Notes what there is to take in all segments. The caller holds `state` too.
  void see();
  void activate(bool group);
  void make_active(SpoolSegment& segment);
  /// Writes the state slot through `file`; null: through the segment's own, which must then be
  /// open.
  void persist(SpoolSegment& segment, File* file, SpoolEvents& events);
  /// Removes `segment` if all its records are acknowledged and it will get no more or is big
  /// enough.
  bool remove_if_done(SpoolSegment& segment, bool closing, SpoolEvents& events);
  /// Removes the file, or sets it aside; if that fails, it becomes a leftover.
  void remove(std::unique_ptr<SpoolSegment> segment, SpoolEvents& events);
  /// Retries what the disk refused: removals, and writing acknowledgements.
  void catch_up(SpoolEvents& events);
  /// Takes `segment` out of the table and the counts; the caller holds `state` too.
  std::unique_ptr<SpoolSegment> take_out(SpoolSegment& segment);

  /// The next batch that was claimed before. True: it is in `batch`, or `events.error` says why it
  /// cannot be read now.
  bool take_claimed(SpoolBatch& batch, SpoolEvents& events);
  enum class Claimed : std::uint8_t { whole, unreadable, broken };
  Claimed read_claimed(const SpoolClaim& claim, SpoolBatch& batch, SpoolEvents& events);
  /// Its records come one by one again, and may become parts of other objects.
  void drop_claim(std::uint64_t id, SpoolEvents& events);
  /// Of the batch: those that are done with are marked; those that come again as they are, are
  /// returned.
  std::set<std::uint64_t> settle_claims(const SpoolBatch& batch, std::size_t acknowledged);
  /// Removes the files of claims whose records are acknowledged on disk.
  void forget_done_claims(bool closing, SpoolEvents& events);
  bool adopt_claim(const SpoolClaim& claim);
  void acknowledge(const SpoolClaim::Range& range, SpoolEvents& events);

  SpoolTable& table_;
  SpoolClaimFiles claim_files_;
  std::uint64_t next_claim_ = 1;
  std::map<std::uint64_t, SpoolClaim> open_claims_;  ///< with a worker, or waiting
  std::deque<std::uint64_t> waiting_claims_;         ///< to be taken again
  std::vector<SpoolClaim> done_claims_;              ///< whose files are still there
  int claim_failures_ = 0;                           ///< in a row
  std::vector<SpoolSegment*> active_;  ///< being merged, or drained and waiting for more
  std::vector<std::unique_ptr<SpoolSegment>> leftovers_;
  bool has_unwritten_ = false;
  /// The lowest sequence that a waiting segment may hold, unprotected and protected.
  std::array<std::uint64_t, 2> waiting_{};
};

}  // namespace ship
