#include "stats/admin/listen_address.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/socket_address.hpp"

namespace ship {
namespace {

constexpr int kBacklog = 128;
constexpr std::string_view kUnix = "unix:";

/// The host is numeric, or the path fits: `parse` has made sure.
SocketAddress socket_address(const ListenAddress& address) {
  return address.path.empty() ? SocketAddress::numeric(address.host, address.port)
                              : SocketAddress::local(address.path);
}

Error expected(std::string_view text) {
  return {ErrorKind::config, "found \"" + std::string(text) +
                                 "\", expected ADDRESS:PORT with a numeric address, such as "
                                 "127.0.0.1:9464 or [::1]:9464, or unix:PATH"};
}

bool is_numeric(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(),
                     &ignored) == 1;
}

/// True if nobody answers there any more because its run was killed.
bool is_left_behind(const std::string& path, const SocketAddress& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return false;
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe && ::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED;
}

bool bind_anew(int fd, const ListenAddress& address, const SocketAddress& at) {
  if (::bind(fd, at.get(), at.size) == 0) return true;
  if (errno != EADDRINUSE || address.path.empty()) return false;
  if (!is_left_behind(address.path, at)) {
    errno = EADDRINUSE;
    return false;
  }
  ::unlink(address.path.c_str());
  return ::bind(fd, at.get(), at.size) == 0;
}

Error cannot_listen(const ListenAddress& address) {
  const int code = errno;
  std::string text = "cannot listen on " + address.url() + ": " + std::strerror(code);
  if (code == EADDRINUSE) {
    text += "; another process, perhaps another fapilog-ship, has it: choose another server.listen";
  } else if (code == EADDRNOTAVAIL) {
    text += "; no network interface of this machine has it: choose another server.listen";
  }
  return {ErrorKind::io, text, code};
}

}  // namespace

bool ListenAddress::is_local() const {
  return !path.empty() || host == "::1" || host.starts_with("127.");
}

std::string ListenAddress::url() const {
  if (!path.empty()) return std::string(kUnix) + path;
  const bool six = host.find(':') != std::string::npos;
  return "http://" + (six ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/";
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  ListenAddress address;
  if (text.starts_with(kUnix)) {
    address.path = text.substr(kUnix.size());
    if (address.path.empty() || address.path.size() >= sizeof(sockaddr_un::sun_path)) {
      return Error{ErrorKind::config, "found \"" + std::string(text) +
                                          "\", expected a path of 1 to 107 bytes after unix:"};
    }
    return address;
  }
  const std::size_t colon = text.rfind(':');
  const std::string_view port = text.substr(colon == text.npos ? 0 : colon + 1);
  const auto [end, wrong] =
      std::from_chars(port.data(), port.data() + port.size(), address.port, 10);
  if (wrong != std::errc() || end != port.data() + port.size()) return expected(text);
  if (colon == text.npos || colon == 0) return address;
  std::string host(text.substr(0, colon));
  const bool in_brackets = host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  if (in_brackets != (host.find(':') != std::string::npos)) return expected(text);
  if (host == "localhost") return address;
  address.host = host == "*" ? "0.0.0.0" : host;
  if (!is_numeric(address.host)) return expected(text);
  return address;
}

Result<Fd> open_listener(ListenAddress& address) {
  SocketAddress at = socket_address(address);
  Fd fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return cannot_listen(address);
  const int on = 1;
  if (address.path.empty()) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!bind_anew(fd.get(), address, at)) return cannot_listen(address);
  // Nobody can connect before it listens.
  if (!address.path.empty()) ::chmod(address.path.c_str(), 0660);
  if (::listen(fd.get(), kBacklog) != 0) return cannot_listen(address);
  if (address.path.empty() && address.port == 0 &&
      ::getsockname(fd.get(), at.get(), &at.size) == 0) {
    address.port = ntohs(at.storage.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6&>(at.storage).sin6_port
                             : reinterpret_cast<const sockaddr_in&>(at.storage).sin_port);
  }
  return fd;
}

}  // namespace ship
