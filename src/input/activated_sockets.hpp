#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// A descriptor that systemd opened for this process: a stream socket that listens, or a FIFO.
struct ActivatedSocket {
  Fd fd;
  bool fifo = false;
};

/// Takes what systemd passed (LISTEN_FDS, LISTEN_FDNAMES; sd_listen_fds(3)) under `name`, all of it
/// where that is empty; each once. What came for another process (LISTEN_PID) is not touched.
/// Errors: config, with what was passed instead and what to do.
Result<std::vector<ActivatedSocket>> take_activated_sockets(const std::string& name);

}  // namespace ship
