#include "net/peer_address.hpp"

#include <sys/un.h>

namespace ship {

std::string PeerAddress::shown() const {
  if (kind == Kind::local) return path;
  const bool numeric_v6 = host.find(':') != std::string::npos;
  return (numeric_v6 ? "[" + host + "]" : host) + ":" + port;
}

Result<PeerAddress> PeerAddress::parse(std::string_view address) {
  PeerAddress peer;
  if (address.starts_with("unix:")) {
    peer.kind = Kind::local;
    peer.path = address.substr(5);
    constexpr std::size_t kMaxPath = sizeof(sockaddr_un{}.sun_path) - 1;
    if (peer.path.size() > kMaxPath) {
      return Error{ErrorKind::config, "the path of a Unix socket has at most " +
                                          std::to_string(kMaxPath) + " bytes, this one has " +
                                          std::to_string(peer.path.size()) + ": " + peer.path};
    }
    return peer;
  }
  if (address.starts_with("tcp://")) {
    peer.kind = Kind::tcp;
  } else if (address.starts_with("tls://")) {
    peer.kind = Kind::tls;
  } else if (address.starts_with("udp://")) {
    peer.kind = Kind::udp;
  } else {
    return Error{ErrorKind::config, "not an address of a socket: " + std::string(address)};
  }
  address.remove_prefix(6);
  if (address.starts_with('[')) {
    const std::size_t close = address.find(']');
    if (close == address.npos) return Error{ErrorKind::config, "no ] ends the IPv6 address"};
    peer.host = address.substr(1, close - 1);
    address.remove_prefix(close + 1);
    if (!address.empty()) peer.port = address.substr(1);
    return peer;
  }
  const std::size_t colon = address.find(':');
  peer.host = address.substr(0, colon);
  if (colon != address.npos) peer.port = address.substr(colon + 1);
  return peer;
}

}  // namespace ship
