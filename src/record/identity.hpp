#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ship {

/// The scope of a record's sequence number: one start of the shipper (random bits), one regular
/// file (its fingerprint), or one file of an older spool. All zeros: unknown.
struct RunId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const RunId&, const RunId&) = default;
};

/// The identity of a record, independent of its content: assigned once at intake, the same in every
/// lane, kept through queue, spool, split, retry, fallback, dead letter and replay. Two records
/// that are equal byte for byte have different identities; a record that is sent again keeps its
/// own.
struct RecordId {
  RunId run;
  /// Counts the records of a run from 1. In a file: the byte offset where the line begins, with the
  /// highest bit set if the line had no newline yet.
  std::uint64_t sequence = 0;

  /// False: this record has no identity.
  explicit operator bool() const { return *this != RecordId{}; }
  friend bool operator==(const RecordId&, const RecordId&) = default;
};

/// In a file's RecordId::sequence: the line ended with the file, and may be longer next time.
inline constexpr std::uint64_t kUnendedLine = std::uint64_t{1} << 63;

/// The longest text form of an identity.
inline constexpr std::size_t kMaxRecordId = 32 + 1 + 20;
/// Writes the text form, at most kMaxRecordId bytes, and returns its size: the run as 32 lower-case
/// hexadecimal digits, '-', the sequence in decimal. Every version writes the same form.
std::size_t write_record_id(char* out, const RecordId& id);
/// The same as a string.
std::string record_id_text(const RecordId& id);
/// Reads what write_record_id wrote; none for any other text.
std::optional<RecordId> parse_record_id(std::string_view text);

/// 128 random bits.
RunId random_run_id();

/// How much of a file's beginning its fingerprint covers.
inline constexpr std::size_t kFingerprintHead = 64 * 1024;
/// The fingerprint of a regular file: a hash of its first kFingerprintHead bytes (`head`, the whole
/// file if it is shorter) and of the power of two just above its size. Name, device and inode do
/// not matter: a copy is the same file. A growing file keeps its fingerprint until its size
/// doubles, unless it is shorter than the head.
RunId file_run_id(std::string_view head, std::uint64_t size);

/// The run id of a file with the same fingerprint as `copies` files before it in one start; its own
/// if there are none. A user who ships a file and its copy together wants both.
RunId file_copy_run_id(const RunId& fingerprint, std::uint64_t copies);

/// The run id of one start, and its sequence numbers, which all inputs of that start share.
/// Thread-safe.
class RecordNumbers {
 public:
  RecordNumbers() : run_(random_run_id()) {}
  explicit RecordNumbers(RunId run) : run_(run) {}

  RunId run() const { return run_; }
  /// The first of `count` numbers that nobody else gets.
  std::uint64_t take(std::uint64_t count) { return next_.fetch_add(count); }

 private:
  const RunId run_;
  std::atomic<std::uint64_t> next_{1};
};

}  // namespace ship
