// Any bytes in any pieces give the lines that they give at once. The first four bytes of the input
// choose the longest line, the block and the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "input/splitter.hpp"
#include "tests/models/split_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::uint64_t max_line_bytes = 1 + data[0] % 64;
  const std::size_t block_bytes = 16 + data[1];
  std::uint32_t piece = static_cast<std::uint32_t>(data[2]) << 8 | data[3];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 4, size - 4);

  ship::Splitter splitter(max_line_bytes, block_bytes);
  std::vector<ship::model::SplitLine> lines;
  const auto take = [&] {
    ship::Block block;
    while (splitter.next(block)) {
      ship::Lines each(block, max_line_bytes);
      for (ship::Line line; each.next(line);) {
        lines.push_back({std::string(line.text), line.original_size});
      }
    }
    if (splitter.buffer_bytes() > max_line_bytes + 3 * block_bytes + 64) std::abort();
  };
  // Twice through the same splitter: an input leaves nothing behind for the next.
  for (int round = 0; round < 2; ++round) {
    lines.clear();
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto room = splitter.room();
      piece = piece * 1664525 + 1013904223;
      const std::size_t part = std::min({room.size(), rest.size(), std::size_t{1} + (piece >> 26)});
      std::memcpy(room.data(), rest.data(), part);
      splitter.commit(part);
      rest.remove_prefix(part);
      take();
    }
    splitter.end_input();
    take();
    if (lines != ship::model::split(bytes, max_line_bytes)) std::abort();
  }
  return 0;
}
