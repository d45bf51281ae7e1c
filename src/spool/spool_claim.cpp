#include "spool/spool_claim.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>
#include <zlib.h>

#include "base/hex.hpp"
#include "spool/spool_segment.hpp"

namespace ship {
namespace {

constexpr std::string_view kClaimMagic("FSCLAIM\n", 8);
constexpr std::uint64_t kClaimDoneAt = 8;  ///< the place of the flag
constexpr std::size_t kClaimHead = 8 + 4 + 4 + 4 + 4;
constexpr std::size_t kClaimRange = 8 + 4 + 4 + 4 + 2;
constexpr std::size_t kClaimIdDigits = 16;
/// More than any claim has: 64 MB of lines of one byte each.
constexpr std::size_t kMostClaimBytes = 256u << 20;

constexpr std::string_view kClaimEnding = ".claim";
constexpr std::string_view kFreshClaimEnding = ".claim.new";

template <class T>
void append_little_endian(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i));
}

template <class T>
T take_little_endian(std::string_view& bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(
        value | static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i)));
  }
  bytes.remove_prefix(sizeof(T));
  return value;
}

std::uint32_t claim_checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::uint64_t SpoolClaim::records() const {
  std::uint64_t sum = 0;
  for (const Range& range : ranges) sum += range.records;
  return sum;
}

void SpoolClaim::add(const Range& range) {
  const auto last = std::find_if(ranges.rbegin(), ranges.rend(),
                                 [&](const Range& one) { return one.segment == range.segment; });
  if (last == ranges.rend() || last->to != range.from) {
    ranges.push_back(range);
    return;
  }
  last->to = range.to;
  last->records += range.records;
}

std::string encode_spool_claim(const SpoolClaim& claim) {
  std::string rest;
  append_little_endian(rest, static_cast<std::uint32_t>(claim.name.size()));
  append_little_endian(rest, static_cast<std::uint32_t>(claim.ranges.size()));
  rest += claim.name;
  for (const SpoolClaim::Range& range : claim.ranges) {
    append_little_endian(rest, range.segment);
    append_little_endian(rest, range.from);
    append_little_endian(rest, range.to);
    append_little_endian(rest, range.records);
    rest += static_cast<char>(range.kind.severity);
    rest += static_cast<char>(range.kind.is_protected);
  }
  std::string out(kClaimMagic);
  append_little_endian(out, std::uint32_t{claim.done});
  append_little_endian(out, claim_checksum(rest));
  return out + rest;
}

std::optional<SpoolClaim> decode_spool_claim(std::string_view bytes) {
  if (bytes.size() < kClaimHead || !bytes.starts_with(kClaimMagic)) return {};
  bytes.remove_prefix(kClaimMagic.size());
  const auto done = take_little_endian<std::uint32_t>(bytes);
  if (done > 1) return {};
  if (take_little_endian<std::uint32_t>(bytes) != claim_checksum(bytes)) return {};
  const auto name = take_little_endian<std::uint32_t>(bytes);
  const auto ranges = take_little_endian<std::uint32_t>(bytes);
  if (bytes.size() != name + std::uint64_t{ranges} * kClaimRange) return {};
  SpoolClaim claim;
  claim.done = done == 1;
  claim.name = bytes.substr(0, name);
  bytes.remove_prefix(name);
  for (std::uint32_t i = 0; i < ranges; ++i) {
    SpoolClaim::Range range;
    range.segment = take_little_endian<std::uint64_t>(bytes);
    range.from = take_little_endian<std::uint32_t>(bytes);
    range.to = take_little_endian<std::uint32_t>(bytes);
    range.records = take_little_endian<std::uint32_t>(bytes);
    range.kind.severity = take_little_endian<std::uint8_t>(bytes);
    range.kind.is_protected = take_little_endian<std::uint8_t>(bytes) != 0;
    if (range.from < kSpoolData || range.to <= range.from || range.records == 0) return {};
    claim.ranges.push_back(range);
  }
  return claim;
}

std::string spool_claim_name(std::uint64_t id, bool fresh) {
  std::string name;
  for (int shift = 56; shift >= 0; shift -= 8) {
    append_hex(name, static_cast<unsigned char>(id >> shift));
  }
  return name.append(fresh ? kFreshClaimEnding : kClaimEnding);
}

std::optional<SpoolClaimName> parse_spool_claim_name(std::string_view name) {
  if (name.size() <= kClaimIdDigits) return {};
  const std::string_view digits = name.substr(0, kClaimIdDigits);
  SpoolClaimName parsed;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), parsed.id, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  parsed.fresh = name.ends_with(kFreshClaimEnding);
  if (name != spool_claim_name(parsed.id, parsed.fresh)) return {};
  return parsed;
}

Result<void> SpoolClaimFiles::write(const SpoolClaim& claim) {
  const std::string fresh = path_of(claim.id, true);
  if (auto gone = files_.remove(fresh); !gone && gone.error().code != ENOENT) return gone;
  auto file = files_.open(fresh, OpenMode::create_update, 0600);
  if (!file) return std::move(file).error();
  Result<void> written = write_fully(*file.value(), 0, encode_spool_claim(claim));
  if (written && durable_) written = file.value()->sync();
  if (written) written = files_.rename(fresh, path_of(claim.id));
  if (!written) {
    // What stays is met at the next start, and worth nothing.
    [[maybe_unused]] const auto removed = files_.remove(fresh).ok();
    return written;
  }
  return durable_ ? files_.sync_directory(directory_) : Result<void>();
}

Result<void> SpoolClaimFiles::mark_done(std::uint64_t id) {
  auto file = files_.open(path_of(id), OpenMode::update);
  if (!file) return std::move(file).error();
  auto noted = write_fully(*file.value(), kClaimDoneAt, std::string_view("\1", 1));
  return noted && durable_ ? file.value()->sync() : noted;
}

Result<void> SpoolClaimFiles::remove(const SpoolClaimName& name) {
  auto removed = files_.remove(path_of(name.id, name.fresh));
  if (!removed && removed.error().code != ENOENT) return removed;
  return durable_ ? files_.sync_directory(directory_) : Result<void>();
}

Result<void> SpoolClaimFiles::forget(std::uint64_t id) {
  auto removed = files_.remove(path_of(id));
  return removed || removed.error().code == ENOENT ? Result<void>() : removed;
}

std::optional<SpoolClaim> SpoolClaimFiles::read(std::uint64_t id) {
  auto file = files_.open(path_of(id), OpenMode::read);
  if (!file) return {};
  const auto status = file.value()->status();
  if (!status || status.value().size > kMostClaimBytes) return {};
  std::string bytes(status.value().size, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto n = file.value()->read_at(filled, bytes.data() + filled, bytes.size() - filled);
    if (!n) return {};
    if (n.value() == 0) break;
    filled += n.value();
  }
  bytes.resize(filled);
  std::optional<SpoolClaim> claim = decode_spool_claim(bytes);
  if (claim) claim->id = id;
  return claim;
}

}  // namespace ship
