#include "tests/unit/net/scripted_peer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>

namespace ship::testing {

/// One accepted socket, plain or TLS. Closed with the object.
class ScriptedPeer::Connection {
 public:
  Connection(int fd, SSL_CTX* tls) : fd_(fd) {
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!tls) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd);
    good_ = SSL_accept(ssl_) == 1;
    ERR_clear_error();
  }
  ~Connection() { SSL_free(ssl_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool good() const { return good_; }

  bool read_some(std::string& out) {
    char bytes[64 * 1024];
    const auto size = ssl_ ? SSL_read(ssl_, bytes, sizeof bytes)
                           : static_cast<int>(::recv(fd_, bytes, sizeof bytes, 0));
    if (size <= 0) {
      ERR_clear_error();
      return false;
    }
    out.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size =
          ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
               : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (size <= 0) {
        ERR_clear_error();
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  /// The next close sends RST.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

  std::string unread;

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  bool good_ = true;
};

std::string PeerRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return {};
}

PeerStep PeerStep::answer(int status, std::string_view body, std::string_view headers) {
  PeerStep step;
  step.bytes = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  step.bytes.append(headers);
  if (status != 204) step.bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  step.bytes.append("\r\n").append(body);
  return step;
}

PeerStep PeerStep::raw(std::string bytes, Then then) {
  PeerStep step;
  step.bytes = std::move(bytes);
  step.then = then;
  return step;
}

ScriptedPeer::ScriptedPeer(const PeerTls& tls) {
  listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the scripted peer cannot listen");
  }
  port_ = ntohs(address.sin_port);
  if (!tls.cert_file.empty()) {
    tls_ = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls_, tls.cert_file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls_, tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      throw std::runtime_error("the scripted peer cannot use its certificate");
    }
    if (!tls.client_ca_file.empty()) {
      SSL_CTX_load_verify_locations(tls_, tls.client_ca_file.c_str(), nullptr);
      SSL_CTX_set_verify(tls_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedPeer::~ScriptedPeer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (std::thread& server : servers_) server.join();
  SSL_CTX_free(tls_);
}

std::string ScriptedPeer::url(std::string_view path) const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) +
         std::string(path);
}

void ScriptedPeer::script(std::vector<PeerStep> steps) {
  const std::lock_guard lock(mutex_);
  steps_ = std::move(steps);
  next_step_ = 0;
}

std::vector<PeerRequest> ScriptedPeer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t ScriptedPeer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void ScriptedPeer::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return requests_.size() >= count; });
}

void ScriptedPeer::wait_for_connections(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return connections_ >= count; });
}

void ScriptedPeer::wait_until_closed() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return open_.empty(); });
}

void ScriptedPeer::accept_all() {
  while (true) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (fd < 0 || stopping_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    open_.push_back(fd);
    servers_.emplace_back([this, fd, number = connections_] { serve(fd, number); });
    ++connections_;
    changed_.notify_all();
  }
}

void ScriptedPeer::serve(int fd, std::size_t number) {
  // OpenSSL writes without MSG_NOSIGNAL. The signal is blocked here only: the client must do
  // without.
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  {
    Connection connection(fd, tls_);
    while (connection.good() && serve_one(connection, number)) {
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  ::close(fd);
  changed_.notify_all();
}

PeerStep ScriptedPeer::next_step() {
  const std::lock_guard lock(mutex_);
  if (steps_.empty()) return PeerStep::answer(204);
  const std::size_t step = std::min(next_step_, steps_.size() - 1);
  ++next_step_;
  return steps_[step];
}

void ScriptedPeer::hang() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_; });
}

bool ScriptedPeer::serve_one(Connection& connection, std::size_t number) {
  std::string& unread = connection.unread;
  // A step that does not read the request must be known before its first byte.
  bool peeked = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t step = std::min(next_step_, steps_.empty() ? 0 : steps_.size() - 1);
    peeked = !steps_.empty() && !steps_[step].read_request;
  }
  PeerStep step;
  PeerRequest request;
  request.connection = number;
  if (peeked) {
    step = next_step();
  } else {
    std::size_t head = 0;
    while ((head = unread.find("\r\n\r\n")) == std::string::npos) {
      if (!connection.read_some(unread)) return false;
    }
    step = next_step();
    std::string_view rest = std::string_view(unread).substr(0, head + 2);
    std::size_t length = 0;
    bool first = true;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(line.size() + 2);
      if (std::exchange(first, false)) {
        request.method = line.substr(0, line.find(' '));
        const std::string_view target = line.substr(request.method.size() + 1);
        request.target = target.substr(0, target.find(' '));
        continue;
      }
      const std::size_t colon = line.find(':');
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      request.headers.emplace_back(line.substr(0, colon), value);
    }
    if (const std::string text = request.header("Content-Length"); !text.empty()) {
      length = std::stoull(text);
    }
    unread.erase(0, head + 4);
    while (step.read_body && unread.size() < length) {
      if (!connection.read_some(unread)) return false;
    }
    if (step.read_body) {
      request.body = unread.substr(0, length);
      unread.erase(0, length);
    }
    if (step.echo) {
      // The last headers first: what authenticates stands there, and readers cut long answers.
      std::string said;
      for (auto header = request.headers.rbegin(); header != request.headers.rend(); ++header) {
        said += header->first + ": " + header->second + "\n";
      }
      step = PeerStep::answer(400, said + request.body);
    }
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    if (step.bytes.size() > kVersion.size() + 3 && step.bytes.starts_with(kVersion)) {
      request.status = std::stoi(step.bytes.substr(kVersion.size(), 3));
    }
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_all();
  }
  bool written = true;
  if (step.drip) {
    for (const char& byte : step.bytes) written = written && connection.write({&byte, 1});
  } else {
    written = connection.write(step.bytes);
  }
  if (!written) return false;
  switch (step.then) {
    case PeerStep::Then::keep:
      return true;
    case PeerStep::Then::close:
      return false;
    case PeerStep::Then::reset:
      connection.reset();
      return false;
    case PeerStep::Then::hang:
      hang();
      return false;
  }
  return false;
}

}  // namespace ship::testing
