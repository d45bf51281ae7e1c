#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "net/ed25519.hpp"
#include "seal/seal_entry.hpp"

namespace ship {

/// The first thing that is wrong with a sealed file.
struct SealFault {
  std::string what;          ///< "a line was edited"
  std::uint64_t line = 0;    ///< of the log file, from 1; 0: none in particular
  std::uint64_t record = 0;  ///< of the chain
  std::string time;          ///< when that place was sealed; empty: unknown
};

/// A seal that was read: its entries, and how far they can be trusted.
struct SealFile {
  struct Line {
    SealEntry entry;       ///< without `lines`
    std::uint64_t at = 0;  ///< where the line is in the seal
  };
  std::vector<Line> lines;
  struct Root {
    std::string hash;               ///< of a manifest
    std::uint64_t next_record = 0;  ///< it covers those before it
  };
  std::vector<Root> roots;
  std::string last_hash;           ///< of its last line; for a manifest, that is the root
  std::optional<SealFault> fault;  ///< what is wrong with the seal itself
  bool blank = true;               ///< it has no complete line, right or wrong
  /// Records after the last signature.
  std::uint64_t unsigned_records = 0;

  bool empty() const { return lines.empty(); }
  const SealEntry& first() const { return lines.front().entry; }
  const SealEntry& last() const { return lines.back().entry; }
  bool ended() const { return !empty() && last().kind == SealEntry::Kind::manifest; }
  /// The number of a record within its log file.
  std::uint64_t line_of(std::uint64_t record) const { return record - first().record + 1; }
};

/// Reads the seal at `path`, and checks that each line is the one that the next line names, that
/// records and bytes are contiguous, and the signatures against `keys`; without keys it does not
/// check signatures. A last line without a newline is still being written, or was torn, and does
/// not count. Errors: those of `Files`.
Result<SealFile> read_seal(Files& files, const std::string& path,
                           const std::vector<Ed25519Key>& keys);

}  // namespace ship
