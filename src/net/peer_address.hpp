#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// Where a socket leads: a host and its port, or a path of the machine's own.
struct PeerAddress {
  enum class Kind : std::uint8_t { tcp, tls, udp, local };

  Kind kind = Kind::tcp;
  std::string host;  ///< a name or a number, IPv6 without brackets; empty for `local`
  std::string port;  ///< digits; empty where the address tells none
  std::string path;  ///< of `local` only

  /// "host:port", "[::1]:514" or "/dev/log", for messages.
  std::string shown() const;

  /// Reads what a sink's URL tells: "tcp://host:port", "tls://…", "udp://…" or "unix:PATH". Errors:
  /// config, for another scheme, and for a path that no socket can have (it is too long).
  static Result<PeerAddress> parse(std::string_view address);
};

}  // namespace ship
