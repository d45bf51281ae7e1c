#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.hpp"

typedef struct ssl_ctx_st SSL_CTX;

namespace ship::testing {

/// A request as the peer read it.
struct PeerRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t connection = 0;  ///< 0 for the first connection that was accepted
  int status = 0;              ///< what the peer answered; 0: nothing that is HTTP

  /// The value of the header, whatever its case; empty where there is none.
  std::string header(std::string_view name) const;
};

/// What the peer does with one request.
struct PeerStep {
  enum class Then { keep, close, reset, hang };
  /// Sent as it is once the request was read.
  std::string bytes;
  Then then = Then::keep;
  /// False: answers after the head, without reading the body.
  bool read_body = true;
  /// False: does `then` as soon as the connection is there.
  bool read_request = true;
  /// One byte a segment.
  bool drip = false;
  /// The answer is 400 with all that was received as its body, in place of `bytes`.
  bool echo = false;

  /// A whole answer with Content-Length.
  static PeerStep answer(int status, std::string_view body = {}, std::string_view headers = {});
  static PeerStep raw(std::string bytes, Then then);
  /// Takes the request and never answers.
  static PeerStep hang() { return raw({}, Then::hang); }
};

struct PeerTls {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;  ///< not empty: a client certificate of this authority is required
};

/// An HTTP/1.1 server on a free port of 127.0.0.1 that does what its script says. Everything it
/// does it does at once; nothing in it waits for time to pass.
class ScriptedPeer {
 public:
  ScriptedPeer() : ScriptedPeer(PeerTls{}) {}
  explicit ScriptedPeer(const PeerTls& tls);
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/") const;

  /// Each request takes the next step; the last one stays. Without a script: 204.
  void script(std::vector<PeerStep> steps);
  std::vector<PeerRequest> requests() const;
  std::size_t connections() const;
  /// Returns once so many requests were read (their heads, where a step reads no body).
  void wait_for_requests(std::size_t count) const;
  /// Returns once so many connections were accepted.
  void wait_for_connections(std::size_t count) const;
  /// Returns once every accepted connection is closed, so that the client's side has seen the end
  /// too.
  void wait_until_closed() const;

 private:
  class Connection;
  void accept_all();
  void serve(int fd, std::size_t number);
  bool serve_one(Connection& connection, std::size_t number);
  PeerStep next_step();
  void hang();

  Fd listener_;
  std::uint16_t port_ = 0;
  SSL_CTX* tls_ = nullptr;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<PeerStep> steps_;
  std::size_t next_step_ = 0;
  std::vector<PeerRequest> requests_;
  std::size_t connections_ = 0;
  std::vector<int> open_;
  std::vector<std::thread> servers_;
  std::thread acceptor_;
};

}  // namespace ship::testing
