#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"
#include "net/compression.hpp"

namespace ship {

/// Writes the content of `from`, compressed as a gzip file (RFC 1952) or a Zstandard frame (RFC
/// 8878), into the new file `to` and syncs it. Streams: holds a few hundred KB whatever the size.
/// Removes `to` again on any error, and when `stop` fires. Errors: those of `Files`; transient
/// "stopped".
Result<void> compress_file(Files& files, const std::string& from, const std::string& to,
                           Compression compression, std::uint32_t permissions,
                           const std::stop_token& stop);

}  // namespace ship
