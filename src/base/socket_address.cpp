#include "base/socket_address.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <sys/un.h>

namespace ship {

SocketAddress SocketAddress::local(const std::string& path) {
  SocketAddress address;
  auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof local;
  return address;
}

SocketAddress SocketAddress::numeric(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  if (host.find(':') != std::string::npos) {
    auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    ::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr);
    address.size = sizeof six;
  } else {
    auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &four.sin_addr);
    address.size = sizeof four;
  }
  return address;
}

}  // namespace ship
