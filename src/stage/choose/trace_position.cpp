#include "stage/choose/trace_position.hpp"

#include <algorithm>
#include <optional>
#include <random>

#include "base/hash.hpp"

namespace ship {
namespace {

std::optional<std::uint64_t> hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<std::uint64_t>(c | 0x20) - 'a' + 10;
    } else {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

std::uint64_t position_of(std::string_view id) {
  constexpr std::size_t kTraceIdDigits = 32;
  constexpr std::size_t kRandomDigits = 14;
  if (id.size() == kTraceIdDigits) {
    if (const auto last = hex(id.substr(kTraceIdDigits - kRandomDigits))) return *last;
  }
  return hash_bytes(id, 0) >> 8;
}

std::vector<std::string> paths_of(std::string_view trace_id_field) {
  if (!trace_id_field.empty()) return {std::string(trace_id_field)};
  return {"trace_id", "traceId", "trace.id", "dd.trace_id"};
}

}  // namespace

TracePosition::TracePosition(std::string_view trace_id_field, std::uint64_t seed)
    : finder_(paths_of(trace_id_field)), random_(seed) {}

std::uint64_t TracePosition::of(const Record& record) {
  for (const Field& field : finder_.find(record.line)) {
    if (field.is_scalar() && !field.text.empty()) return position_of(field.text);
  }
  random_ += 0x9E3779B97F4A7C15ull;  // SplitMix64 (Steele, Lea, Flood, 2014)
  return mix_bits(random_) >> 8;
}

std::uint64_t TracePosition::threshold(double rate) {
  const double kept = std::clamp(rate, 0.0, 1.0) * static_cast<double>(kEnd);
  return kEnd - static_cast<std::uint64_t>(kept);
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace ship
