#include "tests/unit/net/stream_peer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>

namespace ship::testing {

StreamPeer::StreamPeer(const PeerTls& tls) {
  ::signal(SIGPIPE, SIG_IGN);
  if (!tls.cert_file.empty()) {
    tls_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_chain_file(tls_, tls.cert_file.c_str());
    SSL_CTX_use_PrivateKey_file(tls_, tls.key_file.c_str(), SSL_FILETYPE_PEM);
    if (!tls.client_ca_file.empty()) {
      SSL_CTX_load_verify_locations(tls_, tls.client_ca_file.c_str(), nullptr);
      SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
  }
  start();
}

StreamPeer::StreamPeer(const std::string& path) : path_(path) { start(); }

StreamPeer::~StreamPeer() {
  stop();
  for (std::thread& server : servers_) server.join();
  SSL_CTX_free(tls_);
}

std::string StreamPeer::address() const {
  if (!path_.empty()) return "unix:" + path_;
  return (tls_ ? "tls://127.0.0.1:" : "tcp://127.0.0.1:") + std::to_string(port_);
}

void StreamPeer::listen() {
  const int one = 1;
  int failed = 0;
  if (!path_.empty()) {
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ::unlink(path_.c_str());
    failed = ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  } else {
    listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    failed = ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  if (failed != 0 || ::listen(listener_.get(), 16) != 0) {
    throw std::runtime_error("the peer cannot listen");
  }
}

void StreamPeer::start() {
  stopping_ = false;
  listen();
  acceptor_ = std::thread([this] { accept_all(); });
}

void StreamPeer::stop(bool reset) {
  accept_waiting();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) {
      const linger now{1, 0};
      if (reset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      ::shutdown(fd, SHUT_RDWR);
    }
  }
  changed_.notify_all();
  if (listener_) ::shutdown(listener_.get(), SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  listener_.reset();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_.empty(); });
}

void StreamPeer::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

void StreamPeer::go_on() {
  const std::lock_guard lock(mutex_);
  holding_ = false;
  changed_.notify_all();
}

void StreamPeer::close_connections() {
  accept_waiting();
  std::unique_lock lock(mutex_);
  for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  changed_.wait(lock, [this] { return open_.empty(); });
}

void StreamPeer::accept_all() {
  for (;;) {
    std::array<pollfd, 2> polled = {pollfd{listener_.get(), POLLIN, 0},
                                    pollfd{look_.fd(), POLLIN, 0}};
    ::poll(polled.data(), polled.size(), -1);
    if (polled[0].revents == 0) {
      look_.clear();
      const std::lock_guard lock(mutex_);
      looking_ = false;
      changed_.notify_all();
      continue;
    }
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    open_.push_back(fd);
    received_.emplace_back();
    servers_.emplace_back([this, fd, number = received_.size() - 1] { serve(fd, number); });
    changed_.notify_all();
  }
}

void StreamPeer::serve(int fd, std::size_t number) {
  SSL* ssl = nullptr;
  bool good = true;
  const auto wait_while_held = [this] {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !holding_ || stopping_; });
  };
  wait_while_held();
  if (tls_) {
    ssl = SSL_new(tls_);
    SSL_set_fd(ssl, fd);
    good = SSL_accept(ssl) == 1;
  }
  std::string part(64 * 1024, '\0');
  while (good) {
    wait_while_held();
    const auto size = ssl ? SSL_read(ssl, part.data(), static_cast<int>(part.size()))
                          : static_cast<int>(::recv(fd, part.data(), part.size(), 0));
    if (size <= 0) break;
    const std::lock_guard lock(mutex_);
    received_[number].append(part, 0, static_cast<std::size_t>(size));
    read_ += static_cast<std::size_t>(size);
    changed_.notify_all();
  }
  ERR_clear_error();
  SSL_free(ssl);
  const std::lock_guard lock(mutex_);
  ::close(fd);
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  changed_.notify_all();
}

void StreamPeer::wait_for_connections(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return received_.size() >= count; });
}

void StreamPeer::wait_for_bytes(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return read_ >= count; });
}

/// A kernel acknowledges what comes on a connection that nobody has accepted yet.
void StreamPeer::accept_waiting() const {
  std::unique_lock lock(mutex_);
  if (!listener_) return;
  looking_ = true;
  look_.set();
  changed_.wait(lock, [this] { return !looking_; });
}

std::vector<std::string> StreamPeer::received() const {
  accept_waiting();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_.empty(); });
  return received_;
}

std::string StreamPeer::all_received() const {
  std::string all;
  for (const std::string& part : received()) all += part;
  return all;
}

}  // namespace ship::testing
