#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/ed25519.hpp"

namespace ship {

/// Why records did not reach a file, and how many: the reason's name and a number.
using SealLosses = std::vector<std::pair<std::string, std::uint64_t>>;

/// One line of a seal. packaging/doc/sealed-files.md is the format's page: what each member means,
/// and which kinds have it. Times are RFC 3339 texts, hashes hexadecimal digits.
struct SealEntry {
  enum class Kind : std::uint8_t { open, block, manifest };
  Kind kind = Kind::block;
  std::string chain;          ///< open
  std::uint64_t file = 0;     ///< open, manifest: which of the chain's files, from 1
  std::string name;           ///< open
  std::uint64_t record = 0;   ///< of the first record that it covers, or that comes next
  std::uint64_t records = 0;  ///< block, manifest
  std::uint64_t offset = 0;   ///< open, block: in the file, not compressed
  std::uint64_t bytes = 0;    ///< block; manifest: those of the whole file
  std::string sha256;         ///< block
  std::string lines;          ///< block: eight digits for each line, its CRC-32
  std::string from;           ///< open: its only time
  std::string to;             ///< block, manifest
  std::string found;          ///< block: "restart" or "before"; empty: written by this run
  std::string reason;         ///< manifest
  SealLosses lost;            ///< block, manifest: since the previous entry
  std::uint64_t waiting = 0;  ///< manifest: records in memory
  std::uint64_t spooled = 0;  ///< manifest: records on disk
  std::string before;         ///< manifest: the root of the previous file
  std::string prev;           ///< the hash of the previous line
  std::string key;            ///< empty: not signed
  std::string signature;

  /// Where the bytes sealed so far end; a manifest has no offset.
  std::uint64_t end() const { return offset + bytes; }
  /// The number of the next record.
  std::uint64_t next_record() const { return kind == Kind::open ? record : record + records; }
};

/// The line of `entry`, without a newline, signed if there is a key.
std::string seal_line(const SealEntry& entry, const Ed25519Key* key);

/// Reads the entry in `line`. Errors: corrupt, if it is not one or is not exactly what `seal_line`
/// would write.
Result<SealEntry> parse_seal_line(std::string_view line);

/// The part of a signed line that its signature covers.
std::string_view signed_part(std::string_view line);

/// The hash of a line, which the next one names.
std::string seal_line_hash(std::string_view line);

/// What the first line of a chain has instead.
const std::string& no_seal_hash();

/// The suffix that turns the path of a log file into that of its seal.
inline constexpr std::string_view kSealEnding = ".seal";

/// The path of the seal of a log file, compressed or not.
std::string seal_path(std::string_view path);

/// No more blocks than this follow each other without a signature.
inline constexpr unsigned kMaxUnsignedBlocks = 64;

}  // namespace ship
