#pragma once

#include <cstddef>
#include <cstdint>

namespace ship {

/// Bytes that can be read now without waiting; 0 where the kernel does not tell.
std::size_t bytes_available(int fd);

/// A peer of this TCP connection that vanished without a word (its machine was switched off) is
/// noticed within two minutes.
void keep_alive(int fd);

/// Asks for as many descriptors as so many connections need: many systems give a process 1,024
/// until it does. Gets at most what the hard limit allows.
void ask_for_descriptors(std::uint64_t connections);

}  // namespace ship
