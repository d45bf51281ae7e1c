#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/files.hpp"
#include "spool/spool_cursor.hpp"
#include "spool/spool_format.hpp"
#include "spool/spool_ranges.hpp"

namespace ship {

/// One segment file as the running spool knows it. The comments say which lock guards what: `fixed`
/// is set before the segment is shared, `state` is SpoolTable::state, `reading` is
/// SpoolTable::reading.
struct SpoolSegment {
  SpoolSegment(std::uint64_t id_, SpoolClass kind_, std::string path_, std::uint32_t salt_)
      : id(id_), kind(kind_), path(std::move(path_)), salt(salt_), cursor(salt_) {}

  // fixed
  const std::uint64_t id;
  const SpoolClass kind;
  const std::string path;
  const std::uint32_t salt;
  std::uint64_t first_sequence = 0;  ///< no record here has a lower one
  RunId old_run;                     ///< of records without an identity, see spool_old_run

  // state
  std::uint32_t end = kSpoolData;  ///< of the records that may be read
  std::uint32_t file_bytes = 0;    ///< how much of max_bytes the file takes
  std::uint64_t unread = 0;        ///< records before `end`, neither acknowledged nor in flight
  std::uint64_t unread_bytes = 0;  ///< of their lines; about
  std::uint64_t last_sequence = 0;
  std::uint64_t in_flight = 0;  ///< taken, neither acknowledged nor given back
  bool sealed = false;          ///< no more records will be added
  bool appending = false;       ///< the writer is using it; hands off
  bool waiting = false;         ///< in SpoolTable::waiting

  // reading
  std::unique_ptr<File> file;
  SpoolCursor cursor;
  SpoolRanges acknowledged;
  SpoolRanges taken;             ///< in flight; counts no records
  std::uint64_t generation = 0;  ///< of the last written state slot
  bool damaged = false;          ///< goes to *.bad when it is done
  bool active = false;           ///< in SpoolReader::active_
  bool unwritten = false;        ///< the state slot could not be written
  bool leftover = false;         ///< all is acknowledged, but the file could not be removed
  bool peeked = false;           ///< the cursor holds the record at `position`
  std::uint32_t position =
      kSpoolData;  ///< of the next record; all before it is acknowledged or in flight
  std::uint32_t visible_end = kSpoolData;  ///< `end` and `unread` as of the start of this take
  std::uint64_t visible_unread = 0;
  std::uint64_t taken_now = 0;  ///< records of this take, and the bytes of their lines
  std::uint64_t taken_bytes_now = 0;
  int read_failures = 0;  ///< in a row

  /// What is at `position`, after skipping the ranges that are acknowledged or in flight. `file`
  /// must be open. The caller holds `reading`.
  SpoolCursor::Found peek();
  /// `at`, or the end of what is acknowledged or in flight there; then, where the next such range
  /// begins. The caller holds `reading`.
  std::uint32_t skip_settled(std::uint32_t at) const;
  std::uint32_t settled_after(std::uint32_t at) const;
  /// The state for the slot, except `end`, `sealed`, `last_sequence` and the number of records,
  /// which the caller reads under `state`. The caller holds `reading`.
  SpoolState next_state();
};

/// Writes all of `bytes`, in as many pieces as the disk takes. Errors: those of File.
Result<void> write_fully(File& file, std::uint64_t offset, std::string_view bytes);

/// Writes a state into the slot whose turn it is.
Result<void> write_spool_state(File& file, const SpoolState& state, std::uint32_t salt);

}  // namespace ship
