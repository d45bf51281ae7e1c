#include "net/stream_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

#include "base/files.hpp"
#include "base/units.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// How long an orderly end waits for the peer's.
constexpr milliseconds kEndPatience{500};
/// There is no event for an acknowledgement: the kernel is asked, at first often.
constexpr milliseconds kFirstAsk{1};
constexpr milliseconds kLongestAsk{20};
/// Plain bytes to encrypt at once.
constexpr std::size_t kTlsPart = 64 * 1024;
/// What the peer says between two batches, at most; past it the connection is worth nothing.
constexpr std::size_t kMaxHeard = 1u << 20;

}  // namespace

StreamConnection::StreamConnection(PeerAddress peer, StreamTransport transport)
    : peer_(std::move(peer)),
      transport_(std::move(transport)),
      tls_files_(transport_.ca_file, transport_.cert_file, transport_.key_file) {}

Result<std::unique_ptr<StreamConnection>> StreamConnection::make(const StreamTransport& transport,
                                                                 const std::string& default_port) {
  Result<PeerAddress> peer = PeerAddress::parse(transport.address);
  if (!peer) return std::move(peer).error();
  if (peer.value().port.empty()) peer.value().port = default_port;
  if (peer.value().kind == PeerAddress::Kind::tls) {
    if (Result<TlsContext> usable = TlsContext::make(transport); !usable) {
      return std::move(usable).error();
    }
  } else if (!transport.ca_file.empty() || !transport.cert_file.empty()) {
    return Error{ErrorKind::config,
                 std::string(transport.ca_file.empty() ? "cert_file" : "ca_file") +
                     " is for TLS, and " + transport.address + " is without"};
  }
  return std::unique_ptr<StreamConnection>(
      new StreamConnection(std::move(peer).value(), transport));
}

std::string StreamConnection::described() const {
  std::string text = address_;
  if (tls_) text += (text.empty() ? "" : ", ") + tls_->version();
  return text;
}

Error StreamConnection::broken(const char* what, int code) const {
  Error error{ErrorKind::transient, what, code};
  if (code != 0) error.message.append(": ").append(std::strerror(code));
  return std::move(error).in(peer_.shown());
}

Error StreamConnection::waited(Waited how, const char* what) const {
  if (how == Waited::stopped) {
    Error error = broken("stopped while waiting for the peer", 0);
    error.code = ECANCELED;
    return error;
  }
  Error error{ErrorKind::transient,
              std::string(what) + " within " + print_duration(transport_.request_timeout),
              ETIMEDOUT};
  return std::move(error).in(peer_.shown());
}

bool StreamConnection::is_outdated() {
  if (tls_ && tls_files_.changed()) return true;
  return transport_.connection_max_age.count() > 0 &&
         std::chrono::steady_clock::now() - begun_ >= transport_.connection_max_age;
}

Result<void> StreamConnection::look() {
  std::array<char, 16 * 1024> part;
  for (std::size_t heard = 0; heard < kMaxHeard;) {
    const ssize_t size = ::recv(fd_.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    if (size <= 0) {
      const int code = size < 0 ? errno : 0;
      ended_ = true;
      reset_ = code != 0;
      return broken(code == 0 ? "the peer closed the connection" : "the connection broke", code);
    }
    heard += static_cast<std::size_t>(size);
    if (!tls_) continue;
    tls_->take({part.data(), static_cast<std::size_t>(size)});
    const Result<bool> goes_on = tls_->read_all();
    if (!goes_on || !goes_on.value()) {
      ended_ = true;
      if (goes_on) return broken("the peer ended TLS", 0);
      return Error(goes_on.error()).in(peer_.shown());
    }
  }
  ended_ = true;
  return broken("the peer talks without end, which no receiver of logs does", 0);
}

Result<bool> StreamConnection::flush() {
  std::size_t sent = 0;
  while (sent < outgoing_.size()) {
    const ssize_t size = ::send(fd_.get(), outgoing_.data() + sent, outgoing_.size() - sent,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      const int code = errno;
      outgoing_.erase(0, sent);
      if (code == EAGAIN || code == EWOULDBLOCK) return false;
      ended_ = reset_ = true;
      return broken("the connection broke", code);
    }
    sent += static_cast<std::size_t>(size);
  }
  outgoing_.clear();
  return true;
}

Result<std::size_t> StreamConnection::write(std::string_view bytes, const std::stop_token& stop,
                                            SteadyTime until) {
  for (;;) {
    if (stop.stop_requested()) return waited(Waited::stopped, "");
    if (tls_) {
      const Result<bool> flushed = flush();
      if (!flushed) return flushed.error();
      if (flushed.value()) {
        const std::string_view part = bytes.substr(0, kTlsPart);
        if (Result<void> encrypted = tls_->encrypt(part); !encrypted) {
          ended_ = true;
          return std::move(encrypted).error().in(peer_.shown());
        }
        tls_->give(outgoing_);
        written_ += part.size();
        if (const Result<bool> begun = flush(); !begun) return begun.error();
        return part.size();
      }
    } else {
      const ssize_t size =
          ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size > 0) {
        written_ += static_cast<std::uint64_t>(size);
        return static_cast<std::size_t>(size);
      }
      const int code = size == 0 ? EAGAIN : errno;
      if (code == EINTR) continue;
      if (code != EAGAIN && code != EWOULDBLOCK && code != ENOBUFS) {
        ended_ = reset_ = true;
        return broken("the connection broke", code);
      }
    }
    const Waited how = wait_ready_until(fd_.get(), POLLOUT | POLLIN, stop, until);
    if (how != Waited::ready) return waited(how, "takes nothing");
    if (Result<void> heard = look(); !heard) return std::move(heard).error();
  }
}

std::uint64_t StreamConnection::acknowledged() {
  if (!fd_ || acknowledged_ == written_) return acknowledged_;
  int unacknowledged = 0;
  if (::ioctl(fd_.get(), SIOCOUTQ, &unacknowledged) != 0 || unacknowledged < 0) {
    return acknowledged_;
  }
  // Whoever closes with something unread resets the connection, and the queue says nothing any more.
  if (is_broken()) return acknowledged_;
  if (peer_.kind == PeerAddress::Kind::tcp) {
    const auto open = static_cast<std::uint64_t>(unacknowledged);
    if (open <= written_) acknowledged_ = std::max(acknowledged_, written_ - open);
  } else if (unacknowledged == 0 && outgoing_.empty()) {
    acknowledged_ = written_;
  }
  return acknowledged_;
}

bool StreamConnection::is_broken() {
  pollfd polled{fd_.get(), 0, 0};
  ::poll(&polled, 1, 0);
  if ((polled.revents & (POLLERR | POLLHUP)) == 0) return reset_;
  ended_ = true;
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &code, &size);
  reset_ = reset_ || code != 0;
  return reset_;
}

Result<void> StreamConnection::wait_acknowledged(const std::stop_token& stop, SteadyTime until) {
  const std::uint64_t before = acknowledged_;
  for (milliseconds pause = kFirstAsk;; pause = std::min(2 * pause, kLongestAsk)) {
    if (tls_ && !outgoing_.empty()) {
      if (const Result<bool> flushed = flush(); !flushed) return flushed.error();
    }
    if (acknowledged() > before) return {};
    if (ended_) return broken("the peer closed the connection", 0);
    const short events = outgoing_.empty() ? POLLIN : POLLIN | POLLOUT;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= until) return waited(Waited::timed_out, "acknowledges nothing");
    const Waited how = wait_ready_until(fd_.get(), events, stop, std::min(until, now + pause));
    if (how == Waited::stopped) return waited(how, "");
    if (how != Waited::ready) continue;
    Result<void> heard = look();
    if (!heard.ok() && acknowledged() > before) return {};
    if (!heard.ok()) return heard;
  }
}

bool StreamConnection::peer_answers() const {
  if (!fd_ || ended_) return false;
  if (peer_.kind == PeerAddress::Kind::local) return true;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_retransmits < 2 && info.tcpi_probes < 2;
}

void StreamConnection::drop() {
  fd_.reset();
  tls_.reset();
  outgoing_.clear();
  address_.clear();
  written_ = acknowledged_ = 0;
  ended_ = reset_ = false;
}

void StreamConnection::end(const std::stop_token& stop) {
  if (!fd_) return;
  // What the peer said and nobody read would make the kernel reset the connection at its end, and
  // the peer lose what it has not read yet.
  if (!ended_ && look().ok()) {
    if (tls_ && outgoing_.empty()) {
      tls_->say_goodbye();
      tls_->give(outgoing_);
      static_cast<void>(flush());
    }
    ::shutdown(fd_.get(), SHUT_WR);
    const SteadyTime until = std::chrono::steady_clock::now() + kEndPatience;
    while (look().ok() && wait_ready_until(fd_.get(), POLLIN, stop, until) == Waited::ready) {
    }
  }
  drop();
}

}  // namespace ship
