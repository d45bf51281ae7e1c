#pragma once

#include <cstdint>
#include <string>
#include <sys/socket.h>

namespace ship {

/// An address as the kernel takes it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }

  /// A Unix socket; the path fits into sun_path.
  static SocketAddress local(const std::string& path);
  /// `host` is numeric: IPv6 if it has a colon, else IPv4.
  static SocketAddress numeric(const std::string& host, std::uint16_t port);
};

}  // namespace ship
