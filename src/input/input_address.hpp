#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// Where an input listens: `unix:PATH`, `tcp://ADDRESS:PORT`, or `systemd:` and `systemd:NAME`, what
/// systemd holds open for the service (sd_listen_fds(3)).
struct InputAddress {
  enum class Kind : std::uint8_t { local, tcp, systemd };

  Kind kind = Kind::local;
  std::string path;                ///< of the Unix socket
  std::string host = "127.0.0.1";  ///< numeric, IPv6 without brackets
  std::uint16_t port = 0;          ///< 0: any that is free
  std::string name;                ///< FileDescriptorName of the socket unit; empty: all it passes

  /// As it would be given: "unix:/run/app.sock", "tcp://[::1]:9000", "systemd:".
  std::string text() const;
  /// Only this machine can write to it.
  bool is_local() const;

  /// Whether an input names an address and not a file.
  static bool is_one(std::string_view input);
  /// Reads what `is_one`. The host is numeric, "localhost", or "*" for every address. Errors: config,
  /// with what was found and what is allowed.
  static Result<InputAddress> parse(std::string_view input);
};

/// The inputs of an environment variable: between colons, but for those that belong to an address.
std::vector<std::string> split_inputs(std::string_view text);

}  // namespace ship
