#pragma once

#include <string>

#include "base/files.hpp"

namespace ship {

/// A log file and its seal, whether or not they exist.
struct SealPair {
  std::string log;
  std::string seal;
};

/// The pair that `path` belongs to: a log file, compressed or not, or a seal. Also finds it if a
/// killed run gave a rotated file its new name but not its seal.
SealPair find_seal_pair(Files& files, const std::string& path);

}  // namespace ship
