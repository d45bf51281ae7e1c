#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "input/input_counts.hpp"

namespace ship {

/// What became of the connections of an input that listens. In every snapshot:
/// total == now + those that ended; refused ones are not in it.
struct ConnectionCounts {
  std::uint64_t now = 0;
  std::uint64_t total = 0;    ///< accepted
  std::uint64_t refused = 0;  ///< closed at once, beyond input.max_connections
  std::uint64_t idle = 0;     ///< closed after input.idle_timeout
  std::uint64_t reset = 0;    ///< ended with an error, such as a reset of the peer
};

/// One input at one moment, for statistics. The sum of `counts` over all inputs is what the run
/// read.
struct InputReport {
  std::string name;  ///< as it was given; "stdin" for standard input
  std::string type;  ///< "file", "pipe", "command", "followed", "unix", "tcp", "systemd", "fifo"
  InputCounts counts;
  std::optional<ConnectionCounts> connections;  ///< of what listens
  std::uint64_t held_bytes = 0;  ///< of lines that have no newline yet, and of text that waits
  std::uint64_t cut = 0;         ///< lines that were cut for input.pending_bytes
  std::uint64_t remade = 0;      ///< how often its path was gone and was made again
  std::string trouble;           ///< why nobody can connect at the moment; empty: all can
};

}  // namespace ship
