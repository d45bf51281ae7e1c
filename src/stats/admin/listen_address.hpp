#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// Where the admin server listens: a numeric address and a port, or a Unix socket.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< numeric, IPv6 without brackets
  std::uint16_t port = 0;          ///< 0: any free port
  std::string path;                ///< of the Unix socket; host and port are then unused

  /// Whether only this machine can reach it, as with a Unix socket.
  bool is_local() const;
  /// As a person would type it into a browser: "http://127.0.0.1:9464/", "unix:/run/ship.sock".
  std::string url() const;

  /// Reads "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" and "9464" (both on
  /// 127.0.0.1), "*:9464" (every address), "unix:/run/ship.sock". Errors: config.
  static Result<ListenAddress> parse(std::string_view text);
};

/// A listening, non-blocking socket. Sets the port in `address` if it was 0. Removes a Unix socket
/// that a dead run left behind; the new one is open to user and group. Errors: io, with what to do
/// about it.
Result<Fd> open_listener(ListenAddress& address);

}  // namespace ship
