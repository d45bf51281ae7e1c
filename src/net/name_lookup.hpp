#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace ship {

/// An address as connect(2) takes it.
struct HostAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  /// The number, without the port: "127.0.0.1", "::1".
  std::string text() const;
};

/// All addresses of `host`, in the order in which they are to be tried; a number needs no name
/// server. `socket_type` is SOCK_STREAM or SOCK_DGRAM. Returns within milliseconds of `stop`, whatever
/// the resolver does: a look-up that hangs is left to itself. Errors: transient, the message names no
/// host.
Result<std::vector<HostAddress>> look_up(const std::string& host, const std::string& port,
                                         int socket_type, const std::stop_token& stop,
                                         SteadyTime until);

}  // namespace ship
