#include "net/datagram_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>

#include "base/wait.hpp"
#include "net/name_lookup.hpp"

namespace ship {
namespace {

/// For a queue that has no event: a device's, or that of a socket's reader.
constexpr std::chrono::milliseconds kAskAgain{2};
/// Of a Unix socket this is the longest datagram, too.
constexpr int kDatagramBuffer = 512 * 1024;

/// Whether the address of our own side is the same as the peer's: so it is on loopback, and for the
/// machine's other addresses.
bool is_own_address(int fd, const HostAddress& peer) {
  HostAddress own;
  own.size = sizeof own.storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own.storage), &own.size) != 0) return false;
  const std::string text = peer.text();
  return own.text() == text || text.starts_with("127.");
}

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Error DatagramSocket::failed(const char* what, int code) const {
  Error error{ErrorKind::transient, std::string(what) + ": " + std::strerror(code), code};
  return std::move(error).in(peer_.shown());
}

Result<void> DatagramSocket::connect(const std::stop_token& stop, SteadyTime until) {
  close();
  if (peer_.kind == PeerAddress::Kind::local) return connect_local();
  Result<std::vector<HostAddress>> found = look_up(peer_.host, peer_.port, SOCK_DGRAM, stop, until);
  if (!found) return std::move(found).error().in(peer_.shown());
  Error error{ErrorKind::transient, peer_.shown() + ": the name has no address"};
  for (const HostAddress& address : found.value()) {
    fd_ = Fd(::socket(address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd_ && ::connect(fd_.get(), address.get(), address.size) == 0) {
      address_ = address.text();
      to_this_machine_ = is_own_address(fd_.get(), address);
      return {};
    }
    error = failed("cannot send there", errno);
  }
  close();
  return error;
}

Result<void> DatagramSocket::connect_local() {
  fd_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return failed("cannot make a socket", errno);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &kDatagramBuffer, sizeof kDatagramBuffer);
  Result<void> connected = connect_to_path(fd_);
  if (!connected) {
    close();
    return connected;
  }
  to_this_machine_ = true;
  inode_ = inode_of(peer_.path);
  return {};
}

Result<void> DatagramSocket::connect_to_path(const Fd& fd) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, peer_.path.data(), peer_.path.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return {};
  }
  const int code = errno;
  Error error = failed("cannot connect", code);
  if (code == EACCES || code == EPERM) error.kind = ErrorKind::permanent;
  return error;
}

Result<void> DatagramSocket::send(std::string_view datagram, const std::stop_token& stop,
                                  SteadyTime until) {
  for (;;) {
    if (stop.stop_requested()) return failed("stopped", ECANCELED);
    if (::send(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      return {};
    }
    const int code = errno;
    if (code == EINTR) continue;
    if (code == EMSGSIZE) {
      Error error = failed("the message is too long for a datagram", code);
      error.kind = ErrorKind::permanent;
      return error;
    }
    const bool full = code == EAGAIN || code == EWOULDBLOCK;
    if (!full && code != ENOBUFS) return failed("cannot send", code);
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= until) return failed("takes no datagram", ETIMEDOUT);
    // A reader's queue tells when it has room; a device's does not.
    const Waited how = full ? wait_ready_until(fd_.get(), POLLOUT, stop, until)
                            : wait_ready_until(-1, 0, stop, std::min(until, now + kAskAgain));
    if (how == Waited::stopped) return failed("stopped", ECANCELED);
  }
}

Result<void> DatagramSocket::refused() {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = errno;
  if (code == 0) return {};
  return failed("cannot send", code);
}

Result<void> DatagramSocket::wait_read(const std::stop_token& stop, SteadyTime until) {
  for (;;) {
    int unread = 0;
    if (::ioctl(fd_.get(), SIOCOUTQ, &unread) != 0 || unread <= 0) {
      // What a reader leaves unread goes with it: look whether it is still the same.
      const Fd again(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (again) {
        if (Result<void> there = connect_to_path(again); !there) return there;
      }
      if (inode_of(peer_.path) == inode_) return {};
      return failed("another socket stands there", ECONNRESET);
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= until) return failed("does not read", ETIMEDOUT);
    if (wait_ready_until(-1, 0, stop, std::min(until, now + kAskAgain)) == Waited::stopped) {
      return failed("stopped", ECANCELED);
    }
  }
}

void DatagramSocket::close() {
  fd_.reset();
  address_.clear();
  to_this_machine_ = false;
}

}  // namespace ship
