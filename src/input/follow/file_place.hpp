#pragma once

#include <cstdint>

#include "record/identity.hpp"

namespace ship {

/// A place in a followed file, which is named by the run id of its records.
struct FilePlace {
  RunId file;
  std::uint64_t offset = 0;  ///< bytes before it

  friend bool operator==(const FilePlace&, const FilePlace&) = default;
};

/// Records of a file that are done with although one before them is not: those that begin at
/// `first`, at `last` or between.
struct FileRange {
  RunId file;
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  friend bool operator==(const FileRange&, const FileRange&) = default;
};

/// What was read of a followed file and handed on, as far as records were made of it.
struct FileStretch {
  RunId file;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  /// Its records were handed on in the order of their lines, and no others between them.
  bool in_order = true;
};

}  // namespace ship
