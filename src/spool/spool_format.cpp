#include "spool/spool_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <zlib.h>

#include "base/hash.hpp"

namespace ship {
namespace {

constexpr std::string_view kHeaderMagic("FSPOOL\r\n", 8);
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kOldVersion = 1;
constexpr std::uint32_t kStateMagic = 0x54535346;  // "FSST"
// 0xFF never occurs in UTF-8 text, so no line can contain the beginning of a record.
constexpr std::string_view kRecordMagic("\xFF\xFES2", 4);
constexpr std::string_view kOldRecordMagic("\xFF\xFESR", 4);
constexpr std::uint32_t kSealed = 1;
constexpr std::uint32_t kDamaged = 2;

template <class T>
void put(char* at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    at[i] = static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * i));
  }
}

template <class T>
T get(const char* at) {
  std::make_unsigned_t<T> value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<std::make_unsigned_t<T>>(
        static_cast<std::make_unsigned_t<T>>(static_cast<unsigned char>(at[i])) << (8 * i));
  }
  return static_cast<T>(value);
}

std::uint32_t checksum(std::uint32_t start, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// The numbers on disk. They stay the same, whatever happens to the enumeration.
static_assert(static_cast<int>(LevelName::other) == 0 && static_cast<int>(LevelName::trace) == 1 &&
              static_cast<int>(LevelName::debug) == 2 && static_cast<int>(LevelName::info) == 3 &&
              static_cast<int>(LevelName::warning) == 4 &&
              static_cast<int>(LevelName::error) == 5 &&
              static_cast<int>(LevelName::critical) == 6 &&
              static_cast<int>(LevelName::fatal) == 7 && static_cast<int>(LevelName::audit) == 8 &&
              static_cast<int>(LevelName::security) == 9);
constexpr std::uint8_t kLevelNames = 10;
constexpr Severity kSeverities = 100;

/// The header size of the record that begins with these bytes, by its magic; 0: none begins here.
std::uint32_t header_size(std::string_view bytes) {
  const std::string_view magic = bytes.substr(0, kRecordMagic.size());
  if (magic == kRecordMagic) return kSpoolRecordHeader;
  return magic == kOldRecordMagic ? kSpoolOldRecordHeader : 0;
}

}  // namespace

std::uint32_t spool_salt(std::uint64_t id) {
  std::array<char, 8> bytes;
  put(bytes.data(), id);
  return checksum(0, {bytes.data(), bytes.size()});
}

std::string encode_spool_header(const SpoolHeader& header) {
  std::string out(kSpoolSlot, '\0');
  char* at = out.data();
  kHeaderMagic.copy(at, kHeaderMagic.size());
  put(at + 8, kVersion);
  put(at + 12, kSpoolData);
  put(at + 16, header.id);
  put(at + 24, header.first_sequence);
  put(at + 32, header.kind.severity);
  put(at + 33, static_cast<std::uint8_t>(header.kind.is_protected));
  put(at + 36, checksum(0, {at, 36}));
  return out;
}

std::optional<SpoolHeader> decode_spool_header(std::string_view bytes) {
  if (bytes.size() < kSpoolSlot || bytes.substr(0, kHeaderMagic.size()) != kHeaderMagic) return {};
  const char* at = bytes.data();
  if (get<std::uint32_t>(at + 36) != checksum(0, bytes.substr(0, 36))) return {};
  const auto version = get<std::uint32_t>(at + 8);
  if (version != kVersion && version != kOldVersion) return {};
  if (get<std::uint32_t>(at + 12) != kSpoolData) return {};
  SpoolHeader header;
  header.id = get<std::uint64_t>(at + 16);
  header.first_sequence = get<std::uint64_t>(at + 24);
  header.kind = {at[33] != 0, get<Severity>(at + 32)};
  if (header.kind.severity >= kSeverities) return {};
  return header;
}

std::string encode_spool_state(const SpoolState& state, std::uint32_t salt) {
  std::string out(kSpoolSlot, '\0');
  char* at = out.data();
  const std::size_t ranges = std::min(state.acknowledged.size(), kSpoolMaxRanges);
  put(at, kStateMagic);
  put(at + 8, state.generation);
  put(at + 16, (state.sealed ? kSealed : 0u) | (state.damaged ? kDamaged : 0u));
  put(at + 20, static_cast<std::uint32_t>(ranges));
  put(at + 24, state.data_end);
  put(at + 28, state.records);
  put(at + 32, state.last_sequence);
  for (std::size_t i = 0; i < ranges; ++i) {
    char* entry = at + 40 + 12 * i;
    put(entry, state.acknowledged[i].from);
    put(entry + 4, state.acknowledged[i].to);
    put(entry + 8, state.acknowledged[i].records);
  }
  put(at + 4, checksum(salt, {at + 8, kSpoolSlot - 8}));
  return out;
}

std::optional<SpoolState> decode_spool_state(std::string_view bytes, std::uint32_t salt) {
  if (bytes.size() < kSpoolSlot) return {};
  const char* at = bytes.data();
  if (get<std::uint32_t>(at) != kStateMagic) return {};
  if (get<std::uint32_t>(at + 4) != checksum(salt, bytes.substr(8, kSpoolSlot - 8))) return {};
  SpoolState state;
  state.generation = get<std::uint64_t>(at + 8);
  const auto flags = get<std::uint32_t>(at + 16);
  const auto ranges = get<std::uint32_t>(at + 20);
  state.sealed = (flags & kSealed) != 0;
  state.damaged = (flags & kDamaged) != 0;
  state.data_end = get<std::uint32_t>(at + 24);
  state.records = get<std::uint32_t>(at + 28);
  state.last_sequence = get<std::uint64_t>(at + 32);
  if (ranges > kSpoolMaxRanges) return {};
  if (state.sealed && state.data_end < kSpoolData) return {};
  std::uint32_t end = kSpoolData;
  std::uint64_t acknowledged = 0;
  for (std::uint32_t i = 0; i < ranges; ++i) {
    const char* entry = at + 40 + 12 * i;
    const SpoolRange range{get<std::uint32_t>(entry), get<std::uint32_t>(entry + 4),
                           get<std::uint32_t>(entry + 8)};
    if (range.from < end || range.to <= range.from) return {};
    end = range.to;
    acknowledged += range.records;
    state.acknowledged.push_back(range);
  }
  if (state.sealed && (end > state.data_end || acknowledged > state.records)) return {};
  return state;
}

RunId spool_old_run(std::string_view front, std::string_view first) {
  const std::string_view header = front.substr(0, kSpoolSlot);
  return {hash_bytes(first, hash_bytes(header, 0)), hash_bytes(first, hash_bytes(header, 1))};
}

void append_spool_record(std::string& out, const SpoolRecord& record, std::uint32_t salt) {
  const Record& r = record.record;
  std::array<char, kSpoolRecordHeader> header;
  char* at = header.data();
  kRecordMagic.copy(at, kRecordMagic.size());
  put(at + 12, static_cast<std::uint32_t>(r.line.size()));
  put(at + 16, record.sequence);
  put(at + 24, r.time);
  put(at + 32, r.level_at);
  put(at + 36, r.level_size);
  put(at + 37, r.level.severity);
  put(at + 38, static_cast<std::uint8_t>(r.level.name));
  put(at + 39, static_cast<std::uint8_t>(record.is_protected));
  put(at + 40, r.id.run.high);
  put(at + 48, r.id.run.low);
  put(at + 56, r.id.sequence);
  put(at + 8, checksum(salt, r.line));
  put(at + 4, checksum(salt, {at + 8, kSpoolRecordHeader - 8}));
  out.append(header.data(), header.size());
  out.append(r.line);
}

SpoolFound decode_spool_record(std::string_view bytes, std::uint32_t salt, SpoolRecord& into,
                               std::uint32_t& size) {
  const std::uint32_t header = header_size(bytes);
  if (header == 0) return SpoolFound::bad_header;
  if (bytes.size() < header) {
    size = header;
    return SpoolFound::cut_short;
  }
  const char* at = bytes.data();
  if (get<std::uint32_t>(at + 4) != checksum(salt, bytes.substr(8, header - 8))) {
    return SpoolFound::bad_header;
  }
  const auto line_size = get<std::uint32_t>(at + 12);
  Record& record = into.record;
  into.sequence = get<std::uint64_t>(at + 16);
  record.time = get<WallNanos>(at + 24);
  record.level_at = get<std::uint32_t>(at + 32);
  record.level_size = get<std::uint8_t>(at + 36);
  record.level.severity = get<Severity>(at + 37);
  const auto level_name = get<std::uint8_t>(at + 38);
  into.is_protected = at[39] != 0;
  const std::uint64_t level_end = std::uint64_t{record.level_at} + record.level_size;
  if (line_size == 0 || line_size > kSpoolMaxLine || level_name >= kLevelNames ||
      record.level.severity >= kSeverities || (record.level_size != 0 && level_end > line_size)) {
    return SpoolFound::bad_header;
  }
  record.level.name = static_cast<LevelName>(level_name);
  record.id = {};
  if (header == kSpoolRecordHeader) {
    record.id = {{get<std::uint64_t>(at + 40), get<std::uint64_t>(at + 48)},
                 get<std::uint64_t>(at + 56)};
  }
  size = header + line_size;
  if (bytes.size() < size) return SpoolFound::cut_short;
  record.line = bytes.substr(header, line_size);
  const bool sound = get<std::uint32_t>(at + 8) == checksum(salt, record.line);
  return sound ? SpoolFound::record : SpoolFound::bad_line;
}

std::size_t find_spool_record(std::string_view bytes, std::size_t begin, std::uint32_t salt) {
  for (std::size_t at = begin;; ++at) {
    at = bytes.find(kRecordMagic.front(), at);
    if (at == std::string_view::npos) return at;
    const std::string_view rest = bytes.substr(at);
    if (rest.size() < kRecordMagic.size()) return at;
    SpoolRecord ignored;
    std::uint32_t size;
    if (decode_spool_record(rest.substr(0, kSpoolRecordHeader), salt, ignored, size) !=
        SpoolFound::bad_header) {
      return at;
    }
  }
}

std::string spool_segment_name(std::uint64_t id, SpoolClass kind) {
  std::array<char, 17> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16).ptr;
  const std::string hex(digits.data(), end);
  const std::string severity = std::to_string(kind.severity);
  return std::string(16 - hex.size(), '0') + hex + (kind.is_protected ? ".p" : ".u") +
         std::string(2 - std::min<std::size_t>(severity.size(), 2), '0') + severity + ".seg";
}

std::optional<SpoolSegmentName> parse_spool_segment_name(std::string_view name) {
  SpoolSegmentName parsed;
  constexpr std::string_view kBad = ".bad";
  if (name.size() > kBad.size() && name.substr(name.size() - kBad.size()) == kBad) {
    parsed.set_aside = true;
    name.remove_suffix(kBad.size());
  }
  if (name.size() != 24) return {};
  std::from_chars(name.data(), name.data() + 16, parsed.id, 16);
  unsigned severity = 0;
  std::from_chars(name.data() + 18, name.data() + 20, severity);
  parsed.kind = {name[17] == 'p', static_cast<Severity>(severity)};
  // Names that parse alike but are spelled differently ("+2a", capitals) are not the spool's.
  if (spool_segment_name(parsed.id, parsed.kind) != name) return {};
  return parsed;
}

}  // namespace ship
