#pragma once

#include <string>

#include "base/files.hpp"

namespace ship {

/// A log file and its seal, whether or not they exist.
struct SealPair {
  std::string log;
  std::string seal;
};

/// The pair that `path` belongs to: a log file, compressed or not, or a seal. Also finds it in the
/// state, which a killed run may leave behind, where a rotated file already has its new name and
/// its seal does not.
SealPair find_seal_pair(Files& files, const std::string& path);

}  // namespace ship
