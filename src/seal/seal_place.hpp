#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// Where bytes differ from what was sealed, and how.
struct SealPlace {
  std::string what;        ///< "a line was edited"
  std::uint64_t line = 0;  ///< lines in front of it
};

/// The CRC-32 of each line of `bytes`, the last one also where it does not end.
std::vector<std::uint32_t> line_crcs(std::string_view bytes);

/// Reads what SealEntry::lines holds. Digits that are none end it.
std::vector<std::uint32_t> parse_line_crcs(std::string_view lines);

/// Finds the first line that is not the one that was sealed. `expected` are the lines of the block
/// whose hash is wrong and of some blocks behind it, `found` those that stand there; `cut_short`:
/// the file ends before all that was sealed. `block_lines` are those of the block alone.
SealPlace place_change(std::span<const std::uint32_t> expected,
                       std::span<const std::uint32_t> found, std::size_t block_lines,
                       bool cut_short);

}  // namespace ship
