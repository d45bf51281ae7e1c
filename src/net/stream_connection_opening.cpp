#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

#include "net/stream_connection.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectPatience{5000};
/// How long a server that asked for our certificate may look at it before we believe that it likes it.
constexpr milliseconds kCertificatePatience{500};
/// How often a full queue of connections is tried again.
constexpr milliseconds kTryAgain{20};

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

/// The kernel doubles the size for its own books.
void set_buffer(int fd) {
  set_option(fd, SOL_SOCKET, SO_SNDBUF, static_cast<int>(kStreamBufferBytes / 2));
}

}  // namespace

Result<void> StreamConnection::connect(const std::stop_token& stop) {
  drop();
  if (stop.stop_requested()) return waited(Waited::stopped, "");
  const SteadyTime until =
      std::chrono::steady_clock::now() + std::min(kConnectPatience, transport_.request_timeout);
  if (peer_.kind == PeerAddress::Kind::local) return connect_local(stop, until);
  Result<std::vector<HostAddress>> found =
      look_up(peer_.host, peer_.port, SOCK_STREAM, stop, until);
  if (!found) return std::move(found).error().in(peer_.shown());
  Result<void> result = broken("the name has no address", 0);
  for (std::size_t i = 0; i < found.value().size(); ++i) {
    // What leads nowhere leaves time for the others.
    const auto left = static_cast<std::int64_t>(found.value().size() - i);
    const SteadyTime now = std::chrono::steady_clock::now();
    result = connect_to(found.value()[i], stop, now + (until - now) / left);
    if (result.ok() || stop.stop_requested()) break;
  }
  if (!result.ok()) {
    drop();
    return result;
  }
  begun_ = std::chrono::steady_clock::now();
  if (peer_.kind == PeerAddress::Kind::tls) {
    result = begin_tls(stop, begun_ + transport_.request_timeout);
    if (!result.ok()) drop();
  }
  return result;
}

Result<void> StreamConnection::connect_to(const HostAddress& address, const std::stop_token& stop,
                                          SteadyTime until) {
  fd_ = Fd(::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return broken("cannot make a socket", errno);
  set_buffer(fd_.get());
  set_option(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(fd_.get(), IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  address_ = address.text();
  if (::connect(fd_.get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return broken("cannot connect", errno);
  }
  switch (wait_ready_until(fd_.get(), POLLOUT, stop, until)) {
    case Waited::stopped:
      return waited(Waited::stopped, "");
    case Waited::timed_out:
      return broken("cannot connect", ETIMEDOUT);
    case Waited::ready:
      break;
  }
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  if (code != 0) return broken("cannot connect", code);
  return {};
}

Result<void> StreamConnection::connect_local(const std::stop_token& stop, SteadyTime until) {
  fd_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return broken("cannot make a socket", errno);
  set_buffer(fd_.get());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, peer_.path.data(), peer_.path.size());
  while (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int code = errno;
    if (code == EINTR) continue;
    // Its queue of connections is full; that it has room again is no event.
    const bool full = code == EAGAIN;
    if (full) {
      const Waited how = wait_ready_until(
          -1, 0, stop, std::min(until, std::chrono::steady_clock::now() + kTryAgain));
      if (how == Waited::timed_out && std::chrono::steady_clock::now() < until) continue;
      drop();
      return how == Waited::stopped ? waited(how, "") : waited(how, "takes no connection");
    }
    drop();
    Error error = broken(
        code == EPROTOTYPE ? "is a socket for datagrams, not for a stream" : "cannot connect",
        code == EPROTOTYPE ? 0 : code);
    error.code = code;
    if (code == EACCES || code == EPERM) error.kind = ErrorKind::permanent;
    return error;
  }
  begun_ = std::chrono::steady_clock::now();
  return {};
}

Result<void> StreamConnection::begin_tls(const std::stop_token& stop, SteadyTime until) {
  tls_files_.changed();
  const Result<TlsContext> context = TlsContext::make(transport_);
  if (!context) return Error(context.error()).in(peer_.shown());
  Result<TlsSession> session =
      TlsSession::begin(context.value(), peer_.host, transport_.tls_verify);
  if (!session) return std::move(session).error().in(peer_.shown());
  tls_ = std::move(session).value();
  SteadyTime look_until = until;
  for (bool through = false;;) {
    if (!through) {
      const Result<bool> shaken = tls_->shake_hands();
      tls_->give(outgoing_);
      // An alert of ours is for the peer's log; nothing hangs on it.
      const Result<bool> sent = flush();
      if (!shaken) return Error(shaken.error()).in(peer_.shown());
      if (!sent) return sent.error();
      if (shaken.value()) {
        through = true;
        if (!tls_->asked_for_certificate()) return {};
        look_until = std::min(until, std::chrono::steady_clock::now() + kCertificatePatience);
      }
    }
    const short events = outgoing_.empty() ? POLLIN : POLLIN | POLLOUT;
    const Waited how = wait_ready_until(fd_.get(), events, stop, look_until);
    if (how == Waited::timed_out && through) return {};
    if (how != Waited::ready) return waited(how, "TLS: no answer");
    if (!through) {
      std::array<char, 16 * 1024> part;
      const ssize_t size = ::recv(fd_.get(), part.data(), part.size(), 0);
      if (size == 0) return broken("TLS: the connection was closed during the handshake", 0);
      if (size < 0 && errno != EAGAIN && errno != EINTR) {
        return broken("TLS: the connection broke during the handshake", errno);
      }
      if (size > 0) tls_->take({part.data(), static_cast<std::size_t>(size)});
      continue;
    }
    // The first word after the handshake: a ticket where the certificate was liked, else an alert.
    return look();
  }
}

}  // namespace ship
