#pragma once

#include <string>
#include <string_view>

namespace ship::testing {

/// The body behind a Content-Encoding: "" as it is, "gzip", "zstd", and "snappy" for a raw block.
/// Throws where the bytes are not that.
std::string decompress(std::string_view encoding, std::string_view bytes);

}  // namespace ship::testing
