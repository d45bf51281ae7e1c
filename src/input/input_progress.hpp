#pragma once

#include <cstddef>
#include <cstdint>

namespace ship {

/// How far the reading of files has got, in bytes on disk: packed bytes if they are packed.
struct InputProgress {
  std::uint64_t bytes = 0;
  std::uint64_t size = 0;  ///< of all files; 0: unknown, because not all are regular files
  std::size_t file = 1;    ///< the one being read, counted from 1
  std::size_t files = 1;
  bool ended = false;  ///< nothing more is read
};

}  // namespace ship
