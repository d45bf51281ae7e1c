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
  std::uint64_t line = 0;  ///< lines before it
};

/// The CRC-32 of each line of `bytes`, including a last one without a newline.
std::vector<std::uint32_t> line_crcs(std::string_view bytes);

/// Reads the content of SealEntry::lines. Stops at an invalid digit.
std::vector<std::uint32_t> parse_line_crcs(std::string_view lines);

/// Finds the first line that differs from what was sealed. `expected` are the lines of the block
/// whose hash is wrong and of some blocks after it, `found` those in the file; `cut_short`: the
/// file ends before everything that was sealed. `block_lines` counts those of the block alone.
SealPlace place_change(std::span<const std::uint32_t> expected,
                       std::span<const std::uint32_t> found, std::size_t block_lines,
                       bool cut_short);

}  // namespace ship
