#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "net/compression.hpp"

namespace ship {

/// The names of one sink's rotated files: "app.ndjson" becomes "app-20261122T101500.123Z.ndjson",
/// with ".gz" or ".zst" once it is compressed and ".tmp" after that while it is being written. The
/// stamp is the moment of rotation in UTC, so that names sort by age. Anything not exactly of this
/// form belongs to someone else. Immutable.
class RotatedNames {
 public:
  explicit RotatedNames(std::string_view path);

  /// A file name taken apart.
  struct Parsed {
    std::string stamp;
    Compression compression = Compression::none;
    bool temporary = false;
  };

  /// The path, with directory, of the file that is rotated away at `time`.
  std::string path_at(WallNanos time) const;
  /// None if `name` (without directory) does not follow this sink's naming.
  std::optional<Parsed> parse(std::string_view name) const;
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  std::string stem_;       ///< "app-"
  std::string extension_;  ///< ".ndjson", or nothing
};

/// ".gz", ".zst", or nothing.
std::string_view compression_suffix(Compression compression);

/// The first moment after `time` at which a file is rotated: the next multiple of `interval` on the
/// UTC clock, so that 1h means every full hour and 1d every midnight; whole weeks begin on Monday.
WallNanos next_rotation(WallNanos time, std::chrono::milliseconds interval);

/// One rotated file, as retention sees it.
struct RotatedFile {
  std::string name;
  std::string stamp;
  std::uint64_t size = 0;
};

/// The names to remove so that at most `max_files` and `max_total_bytes` stay (0: no limit), the
/// oldest first.
std::vector<std::string> beyond_retention(std::vector<RotatedFile> files, std::uint32_t max_files,
                                          std::uint64_t max_total_bytes);

}  // namespace ship
