#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ship {

/// Spreads every bit of `value` over all others (the finalizer of MurmurHash3, public domain).
inline std::uint64_t mix_bits(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xFF51AFD7ED558CCDull;
  value ^= value >> 33;
  value *= 0xC4CEB9FE1A85EC53ull;
  value ^= value >> 33;
  return value;
}

/// A 64-bit hash of `bytes`, eight at a time; the same on all machines with the same byte order.
/// Not for secrets.
inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed ^ (bytes.size() * 0x9E3779B97F4A7C15ull);
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    hash = mix_bits(hash ^ word);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return mix_bits(hash ^ word);
}

}  // namespace ship
