#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ship::testing {

/// A second reader of the spool's segments, written from src/spool/spool_format.md alone: what a
/// test finds on disk does not depend on the program under test. Knows version 2 and no damage but
/// a torn tail. Slow.
class SpoolModel {
 public:
  struct Entry {
    std::uint64_t sequence = 0;
    std::array<std::uint64_t, 3> identity{};  ///< both halves of the run id, the number in the run
    bool is_protected = false;
    std::string line;
  };

  static bool is_segment(const std::string& name) {
    static const std::regex kName("[0-9a-f]{16}\\.[pu][0-9]{2}\\.seg");
    return std::regex_match(name, kName);
  }

  /// Adds what a new start has to deliver of the segment of this name and content.
  void add(const std::string& name, std::string_view data) {
    const std::uint64_t id = std::stoull(name.substr(0, 16), nullptr, 16);
    salt_ = crc32(0, bytes_of(id));
    std::size_t end = data.size();
    const std::optional<State> state = state_of(data);
    if (state && state->sealed) end = std::min<std::size_t>(end, state->end);
    for (std::size_t at = kData; at + kHeader <= end;) {
      const std::string_view head = data.substr(at, kHeader);
      if (head.substr(0, 4) != std::string_view("\xff\xfeS2", 4)) return;
      if (number<std::uint32_t>(head, 4) != crc32(salt_, head.substr(8))) return;
      const auto size = number<std::uint32_t>(head, 12);
      if (at + kHeader + size > end) return;
      const std::string_view line = data.substr(at + kHeader, size);
      const bool whole = number<std::uint32_t>(head, 8) == crc32(salt_, line);
      if (whole && !(state && state->covers(at))) {
        entries.push_back({number<std::uint64_t>(head, 16),
                           {number<std::uint64_t>(head, 40), number<std::uint64_t>(head, 48),
                            number<std::uint64_t>(head, 56)},
                           head[39] == 1,
                           std::string(line)});
      }
      at += kHeader + size;
    }
  }

  std::vector<Entry> entries;

 private:
  static constexpr std::size_t kData = 1536;
  static constexpr std::size_t kHeader = 64;

  struct State {
    std::uint64_t generation = 0;
    bool sealed = false;
    std::uint32_t end = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> acknowledged;
    bool covers(std::size_t at) const {
      return std::any_of(acknowledged.begin(), acknowledged.end(), [at](const auto& range) {
        return range.first <= at && at < range.second;
      });
    }
  };

  template <class Number>
  static Number number(std::string_view bytes, std::size_t at) {
    Number value = 0;
    for (std::size_t i = sizeof(Number); i > 0; --i) {
      value = static_cast<Number>(value << 8 | static_cast<unsigned char>(bytes[at + i - 1]));
    }
    return value;
  }

  static std::string bytes_of(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
    return bytes;
  }

  // As zlib's, bit by bit.
  static std::uint32_t crc32(std::uint32_t start, std::string_view bytes) {
    std::uint32_t crc = ~start;
    for (const char byte : bytes) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0u);
    }
    return ~crc;
  }

  std::optional<State> state_of(std::string_view data) const {
    std::optional<State> best;
    for (const std::size_t at : {512u, 1024u}) {
      if (data.size() < at + 512) continue;
      const std::string_view slot = data.substr(at, 512);
      if (number<std::uint32_t>(slot, 0) != 0x54535346) continue;
      if (number<std::uint32_t>(slot, 4) != crc32(salt_, slot.substr(8))) continue;
      State state;
      state.generation = number<std::uint64_t>(slot, 8);
      state.sealed = number<std::uint32_t>(slot, 16) & 1;
      state.end = number<std::uint32_t>(slot, 24);
      for (std::uint32_t i = 0; i < number<std::uint32_t>(slot, 20); ++i) {
        const std::size_t range = 40 + 12 * i;
        state.acknowledged.emplace_back(number<std::uint32_t>(slot, range),
                                        number<std::uint32_t>(slot, range + 4));
      }
      if (!best || state.generation > best->generation) best = state;
    }
    return best;
  }

  std::uint32_t salt_ = 0;
};

}  // namespace ship::testing
