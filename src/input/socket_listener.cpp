#include "input/socket_listener.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <grp.h>
#include <netinet/in.h>
#include <optional>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/socket_address.hpp"

namespace ship {
namespace {

/// The kernel's own bound (net.core.somaxconn) counts where it is lower.
constexpr int kListenBacklog = 4096;
constexpr std::size_t kLookupBytes = 16 * 1024;

SocketAddress raw_address(const InputAddress& address) {
  return address.kind == InputAddress::Kind::local
             ? SocketAddress::local(address.path)
             : SocketAddress::numeric(address.host, address.port);
}

std::string advice_for(const InputAddress& address, int code) {
  const bool local = address.kind == InputAddress::Kind::local;
  switch (code) {
    case EADDRINUSE:
      return local ? "another process listens there: stop it, or choose another path"
                   : "another process listens there: stop it, or choose another port";
    case EADDRNOTAVAIL:
      return "no network interface of this machine has it: choose another address";
    case ENOENT:
    case ENOTDIR:
      return "the directory " + directory_of(address.path) +
             " does not exist: make it first (mkdir, RuntimeDirectory= of a systemd unit)";
    case EACCES:
    case EPERM:
      return local ? "whoever runs the shipper may not write into the directory " +
                         directory_of(address.path)
                   : "ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one";
    case EROFS:
      return "the directory " + directory_of(address.path) +
             " is read-only: choose one that can be written to";
    case EAFNOSUPPORT:
      return "this machine has no such addresses (IPv6 is off)";
    default:
      return {};
  }
}

Error cannot_listen(const InputAddress& address, int code) {
  std::string text = "input " + address.text() + ": cannot listen: " + std::strerror(code);
  if (const std::string advice = advice_for(address, code); !advice.empty()) text += "; " + advice;
  return {ErrorKind::io, text, code};
}

/// Binds, in the place of a socket that its run left behind.
Result<void> bind_socket(int fd, const InputAddress& address, const SocketAddress& at) {
  if (::bind(fd, at.get(), at.size) == 0) return {};
  if (errno != EADDRINUSE || address.kind != InputAddress::Kind::local) {
    return cannot_listen(address, errno);
  }
  struct stat found {};
  if (::lstat(address.path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) {
    return Error{ErrorKind::io,
                 "input " + address.text() +
                     ": there is something that is not a socket: remove it, or choose another path",
                 EEXIST};
  }
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool left_behind =
      probe && ::connect(probe.get(), at.get(), at.size) != 0 && errno == ECONNREFUSED;
  if (!left_behind) return cannot_listen(address, EADDRINUSE);
  ::unlink(address.path.c_str());
  if (::bind(fd, at.get(), at.size) != 0) return cannot_listen(address, errno);
  return {};
}

std::optional<unsigned> number_of(const std::string& text) {
  unsigned number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<unsigned> user_id(const std::string& name) {
  if (const auto number = number_of(name)) return number;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> room(kLookupBytes);
  ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  return found ? std::optional<unsigned>(found->pw_uid) : std::nullopt;
}

std::optional<unsigned> group_id(const std::string& name) {
  if (const auto number = number_of(name)) return number;
  group entry{};
  group* found = nullptr;
  std::vector<char> room(kLookupBytes);
  ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  return found ? std::optional<unsigned>(found->gr_gid) : std::nullopt;
}

}  // namespace

Result<void> give_rights(const std::string& path, const PathRights& rights) {
  constexpr unsigned kSame = static_cast<unsigned>(-1);
  const auto owner = rights.owner.empty() ? kSame : user_id(rights.owner);
  if (!owner) {
    return Error{ErrorKind::config, "input.socket_owner: this system knows no user \"" +
                                        rights.owner + "\": take another, or a number"};
  }
  const auto group = rights.group.empty() ? kSame : group_id(rights.group);
  if (!group) {
    return Error{ErrorKind::config, "input.socket_group: this system knows no group \"" +
                                        rights.group + "\": take another, or a number"};
  }
  if ((*owner != kSame || *group != kSame) && ::lchown(path.c_str(), *owner, *group) != 0) {
    return Error{ErrorKind::io,
                 "input " + path + ": cannot give it to " + rights.owner + ":" + rights.group +
                     ": " + std::strerror(errno) +
                     "; only root gives files away, others to groups that they are in",
                 errno};
  }
  if (::chmod(path.c_str(), static_cast<mode_t>(rights.mode)) != 0) {
    return Error{ErrorKind::io, "input " + path + ": cannot set its mode: " + std::strerror(errno),
                 errno};
  }
  return {};
}

PathIdentity PathIdentity::of(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino};
}

Result<SocketListener> SocketListener::open(const InputAddress& address, const PathRights& rights) {
  SocketListener listener;
  listener.address_ = address;
  SocketAddress at = raw_address(address);
  listener.fd_ = Fd(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.fd_) return cannot_listen(address, errno);
  const int fd = listener.fd_.get();
  const int on = 1;
  const bool local = address.kind == InputAddress::Kind::local;
  if (!local) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // The path begins with no more rights than it will have.
  if (local) ::fchmod(fd, static_cast<mode_t>(rights.mode));
  if (auto bound = bind_socket(fd, address, at); !bound) return std::move(bound).error();
  if (local) {
    listener.path_ = address.path;
    listener.identity_ = PathIdentity::of(address.path);
    // Nobody can connect before it listens.
    if (auto given = give_rights(address.path, rights); !given) return std::move(given).error();
  }
  if (::listen(fd, kListenBacklog) != 0) return cannot_listen(address, errno);
  if (!local && address.port == 0 && ::getsockname(fd, at.get(), &at.size) == 0) {
    listener.address_.port = ntohs(at.storage.ss_family == AF_INET6
                                       ? reinterpret_cast<const sockaddr_in6&>(at.storage).sin6_port
                                       : reinterpret_cast<const sockaddr_in&>(at.storage).sin_port);
  }
  return listener;
}

SocketListener SocketListener::adopt(Fd fd) {
  SocketListener listener;
  listener.fd_ = std::move(fd);
  listener.adopted_ = true;
  return listener;
}

void SocketListener::remove_path() {
  if (fd_ && !path_.empty() && reachable()) ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace ship
