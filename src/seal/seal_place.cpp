#include "seal/seal_place.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/number_text.hpp"
#include "net/crc32.hpp"

namespace ship {
namespace {

using Crcs = std::span<const std::uint32_t>;

/// How far after its place a line is searched for.
constexpr std::size_t kWindow = 4096;

/// Where `line` is in `lines` from `begin` on; lines.size() if it is not there.
std::size_t find_line(Crcs lines, std::size_t begin, std::uint32_t line) {
  const std::size_t end = std::min(lines.size(), begin + kWindow);
  for (std::size_t i = begin; i < end; ++i) {
    if (lines[i] == line) return i;
  }
  return lines.size();
}

std::string lines_were(std::size_t count, const char* how) {
  return count == 1 ? std::string("a line was ") + how : counted(count, "line") + " were " + how;
}

}  // namespace

std::vector<std::uint32_t> line_crcs(std::string_view bytes) {
  std::vector<std::uint32_t> crcs;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::size_t size = newline == std::string_view::npos ? bytes.size() : newline + 1;
    crcs.push_back(crc32(bytes.substr(0, size)));
    bytes.remove_prefix(size);
  }
  return crcs;
}

std::vector<std::uint32_t> parse_line_crcs(std::string_view lines) {
  std::vector<std::uint32_t> crcs;
  for (; lines.size() >= 8; lines.remove_prefix(8)) {
    std::uint32_t crc = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const int digit = hex_value(lines[i]);
      if (digit < 0) return crcs;
      crc = crc << 4 | static_cast<std::uint32_t>(digit);
    }
    crcs.push_back(crc);
  }
  return crcs;
}

SealPlace place_change(Crcs expected, Crcs found, std::size_t block_lines, bool cut_short) {
  const auto [first, other] =
      std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  const auto at = static_cast<std::size_t>(first - expected.begin());
  if (at >= block_lines) {
    // Its lines match by their short hashes but not by the long one: this was deliberate.
    return {"one of " + counted(block_lines, "line") + " from here on was edited", 0};
  }
  if (at >= found.size()) return {"the file was cut here", at};
  // A cut within a line leaves a part of it.
  const std::size_t moved_to = find_line(found, at + 1, expected[at]);
  const std::size_t came_from = find_line(expected, at + 1, found[at]);
  const bool comes_later = moved_to < found.size();
  const bool came_early = came_from < expected.size();
  if (cut_short && at + 1 == found.size() && !came_early) {
    return {"the file was cut within this line", at};
  }
  if (comes_later && came_early) {
    // An extra line before a duplicated line is not a swap.
    const std::size_t distance = moved_to - at;
    const bool shifted = std::equal(
        expected.begin() + static_cast<std::ptrdiff_t>(at),
        expected.begin() +
            static_cast<std::ptrdiff_t>(
                std::min(expected.size(), at + std::min<std::size_t>(8, found.size() - moved_to))),
        found.begin() + static_cast<std::ptrdiff_t>(moved_to));
    if (shifted && distance < came_from - at) return {lines_were(distance, "inserted"), at};
    return {"lines were put into another order", at};
  }
  if (comes_later) return {lines_were(moved_to - at, "inserted"), at};
  if (came_early) return {lines_were(came_from - at, "removed"), at};
  return {"a line was edited", at};
}

}  // namespace ship
