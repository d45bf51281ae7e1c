#include "record/identity.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <random>

#include "base/hash.hpp"
#include "base/hex.hpp"

namespace ship {
namespace {

constexpr std::size_t kRunDigits = 32;

char* put_hex(char* out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kHexDigits[value >> shift & 15];
  return out;
}

bool take_hex(std::string_view digits, std::uint64_t& into) {
  // std::from_chars would also accept capitals.
  if (digits.find_first_not_of(kHexDigits) != std::string_view::npos) return false;
  std::from_chars(digits.data(), digits.data() + digits.size(), into, 16);
  return true;
}

}  // namespace

std::size_t write_record_id(char* out, const RecordId& id) {
  char* const run_end = put_hex(put_hex(out, id.run.high), id.run.low);
  *run_end = '-';
  return static_cast<std::size_t>(std::to_chars(run_end + 1, out + kMaxRecordId, id.sequence).ptr -
                                  out);
}

std::string record_id_text(const RecordId& id) {
  std::array<char, kMaxRecordId> text;
  return {text.data(), write_record_id(text.data(), id)};
}

std::optional<RecordId> parse_record_id(std::string_view text) {
  RecordId id;
  if (text.size() < kRunDigits + 2 || text[kRunDigits] != '-') return {};
  if (!take_hex(text.substr(0, 16), id.run.high) || !take_hex(text.substr(16, 16), id.run.low)) {
    return {};
  }
  const std::string_view digits = text.substr(kRunDigits + 1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), id.sequence);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size()) return {};
  return id;
}

RunId random_run_id() {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  return {word(), word()};
}

RunId file_run_id(std::string_view head, std::uint64_t size) {
  const auto size_class = static_cast<std::uint64_t>(std::bit_width(size));
  return {hash_bytes(head, 2 * size_class), hash_bytes(head, 2 * size_class + 1)};
}

RunId file_copy_run_id(const RunId& fingerprint, std::uint64_t copies) {
  if (copies == 0) return fingerprint;
  return {mix_bits(fingerprint.high + copies), mix_bits(fingerprint.low ^ copies)};
}

}  // namespace ship
