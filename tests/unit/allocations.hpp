#pragma once

#include <cstdint>

namespace ship {

/// How often the calling thread has allocated through operator new so far. The test program
/// replaces it.
std::uint64_t allocations_of_this_thread();

}  // namespace ship
