#pragma once

#include <string>

#include "base/files.hpp"

namespace ship {

/// A log file and the seal that belongs to it, whether they are there or not.
struct SealPair {
  std::string log;
  std::string seal;
};

/// The pair of which `path` is one: a log file, compressed or not, or a seal. Finds it also in the
/// moment, which a killed run may leave, in which a file that is rotated has its new name and its
/// seal does not.
SealPair find_seal_pair(Files& files, const std::string& path);

}  // namespace ship
