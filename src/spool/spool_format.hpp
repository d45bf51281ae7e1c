#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/record.hpp"
#include "spool/spool_ranges.hpp"

namespace ship {

// The bytes of a spool segment: spool_format.md is the reference; this is its code. Pure functions.

/// Where the first record of a segment is; the header and two slots for the state come before it.
inline constexpr std::uint32_t kSpoolData = 1536;
inline constexpr std::uint32_t kSpoolSlot = 512;  ///< bytes of the header, and of each state slot
/// The header of a record, before its line; then that of version 1, which has no identity.
inline constexpr std::uint32_t kSpoolRecordHeader = 64;
inline constexpr std::uint32_t kSpoolOldRecordHeader = 40;
/// A longer line is never stored.
inline constexpr std::uint32_t kSpoolMaxLine = 1u << 30;

/// Which records share a segment, least important first.
struct SpoolClass {
  bool is_protected = false;
  Severity severity = 20;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of the defaulted one for it.
  friend auto operator<=>(const SpoolClass&, const SpoolClass&) = default;
};

/// A record with what the queue knows about it. The line is a view; whoever hands it out names the
/// owner.
struct SpoolRecord {
  Record record;
  std::uint64_t sequence = 0;  ///< order of arrival in the lane
  bool is_protected = false;
  SpoolClass kind() const { return {is_protected, record.level.severity}; }
};

/// The part of a segment that is written once.
struct SpoolHeader {
  std::uint64_t id = 0;
  SpoolClass kind;
  std::uint64_t first_sequence = 0;
  friend bool operator==(const SpoolHeader&, const SpoolHeader&) = default;
};

/// The part that changes: written into two slots in turn; the one with the higher generation
/// counts.
struct SpoolState {
  std::uint64_t generation = 0;
  bool sealed = false;  ///< no more records will be added: the three below are final
  bool damaged =
      false;  ///< bytes that cannot be read were found, and are counted in `acknowledged`
  std::uint32_t data_end = 0;
  std::uint32_t records = 0;
  std::uint64_t last_sequence = 0;
  std::vector<SpoolRange> acknowledged;
  friend bool operator==(const SpoolState&, const SpoolState&) = default;
};
/// A slot holds no more ranges than this; later ones are left out, and their records come again.
inline constexpr std::size_t kSpoolMaxRanges = 38;

/// The segment's own initial value for its checksums, so that another segment's bytes never pass as
/// its own.
std::uint32_t spool_salt(std::uint64_t id);

std::string encode_spool_header(const SpoolHeader& header);
/// None if magic, version or checksum differ, or a field is out of bounds.
std::optional<SpoolHeader> decode_spool_header(std::string_view bytes);

std::string encode_spool_state(const SpoolState& state, std::uint32_t salt);
std::optional<SpoolState> decode_spool_state(std::string_view bytes, std::uint32_t salt);

/// The run id for the records of a version 1 segment, which have no identity of their own: a hash
/// of `front`, its first kSpoolSlot bytes, and of `first`, the kSpoolOldRecordHeader bytes at
/// kSpoolData. Together with a record's offset it is the same at each recovery.
RunId spool_old_run(std::string_view front, std::string_view first);

/// Bytes that a record takes.
inline std::uint64_t spool_footprint(std::size_t line_size) {
  return kSpoolRecordHeader + line_size;
}
/// Of the lines of so many records that take [from, to).
inline std::uint64_t spool_line_bytes(std::uint32_t from, std::uint32_t to, std::uint64_t records) {
  const std::uint64_t bytes = to - from;
  return bytes - std::min(bytes, records * kSpoolRecordHeader);
}
/// The line must have 1 to kSpoolMaxLine bytes.
void append_spool_record(std::string& out, const SpoolRecord& record, std::uint32_t salt);

/// What some bytes begin with.
enum class SpoolFound : std::uint8_t {
  record,      ///< complete and sound
  cut_short,   ///< the beginning of one that continues past the given bytes
  bad_line,    ///< a sound header, but a line that is not what was written
  bad_header,  ///< nothing recognisable
};

/// Reads the record at the beginning of `bytes`, of either version; its line is a view into them.
/// `size` is the record's whole size if the header is sound, or the header's size if not even that
/// is complete. All results except `record` leave `into` unspecified. A record of version 1 has no
/// identity.
SpoolFound decode_spool_record(std::string_view bytes, std::uint32_t salt, SpoolRecord& into,
                               std::uint32_t& size);

/// Where the next sound record header in `bytes` could begin, from `begin` on; npos: nowhere. A
/// match closer to the end than kSpoolRecordHeader may be returned unchecked.
std::size_t find_spool_record(std::string_view bytes, std::size_t begin, std::uint32_t salt);

/// "000000000000002a.p40.seg": id in hex, p for protected or u, severity.
std::string spool_segment_name(std::uint64_t id, SpoolClass kind);
struct SpoolSegmentName {
  std::uint64_t id = 0;
  SpoolClass kind;
  bool set_aside = false;  ///< ends in ".bad"
};
/// None for a name that the spool does not use.
std::optional<SpoolSegmentName> parse_spool_segment_name(std::string_view name);

}  // namespace ship
