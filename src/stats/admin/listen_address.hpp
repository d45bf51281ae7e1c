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
  std::uint16_t port = 0;          ///< 0: any that is free
  std::string path;                ///< of the Unix socket; then host and port mean nothing

  /// Only this machine can reach it; so it is with a Unix socket.
  bool is_local() const;
  /// As a person would type it into a browser: "http://127.0.0.1:9464/", "unix:/run/ship.sock".
  std::string url() const;

  /// Reads "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" and "9464" (both on
  /// 127.0.0.1), "*:9464" (every address), "unix:/run/ship.sock". Errors: config.
  static Result<ListenAddress> parse(std::string_view text);
};

/// A socket that listens, non-blocking. `address` gets the port that was chosen for 0. What a run
/// that is gone left behind of a Unix socket is taken away; the new one is open to user and group.
/// Errors: io, with what to do about it.
Result<Fd> open_listener(ListenAddress& address);

}  // namespace ship
