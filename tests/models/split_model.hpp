#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.hpp"

namespace ship::model {

struct SplitLine {
  std::string text;
  std::uint64_t original_size = 0;
  friend bool operator==(const SplitLine&, const SplitLine&) = default;
};

/// The lines of an input, from all of its bytes at once.
inline std::vector<SplitLine> split(std::string_view bytes, std::uint64_t max_line_bytes) {
  std::vector<SplitLine> lines;
  const auto drop_framing = [&bytes] {
    while (bytes.starts_with('\0') || bytes.starts_with("\xEF\xBB\xBF")) {
      bytes.remove_prefix(bytes.front() == '\0' ? 1 : 3);
    }
  };
  for (drop_framing(); !bytes.empty(); drop_framing()) {
    const std::size_t newline = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, newline);
    bytes.remove_prefix(std::min(newline + 1, bytes.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({std::string(utf8_prefix(line, max_line_bytes)), line.size()});
  }
  return lines;
}

}  // namespace ship::model
