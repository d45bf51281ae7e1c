#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/event.hpp"
#include "base/fd.hpp"
#include "tests/unit/net/scripted_peer.hpp"

namespace ship::testing {

/// A server that takes bytes over TCP, TLS or a Unix socket and never answers. Its threads collect;
/// what they have collected is looked at by the one that asks.
class StreamPeer {
 public:
  /// On a free port of 127.0.0.1; with TLS where `tls` names a certificate.
  explicit StreamPeer(const PeerTls& tls = {});
  /// On a Unix socket at `path`.
  explicit StreamPeer(const std::string& path);
  ~StreamPeer();
  StreamPeer(const StreamPeer&) = delete;
  StreamPeer& operator=(const StreamPeer&) = delete;

  /// "tcp://127.0.0.1:PORT", "tls://…" or "unix:PATH".
  std::string address() const;

  /// Listens no more and closes each connection, in order or with a reset; what was collected stays.
  void stop(bool reset = false);
  /// Listens again, where it did.
  void start();
  /// From now on connections are accepted and not read from, until `go_on`.
  void hold();
  void go_on();
  /// Closes the connections there are, after all that came was read.
  void close_connections();

  /// How many there were: those that wait to be accepted, too.
  std::size_t connections() const { return received().size(); }
  void wait_for_connections(std::size_t count) const;
  /// Returns once so many bytes were read, on all connections together.
  void wait_for_bytes(std::size_t count) const;
  /// Waits until every connection has ended; what each has brought, in their order.
  std::vector<std::string> received() const;
  std::string all_received() const;

 private:
  void accept_waiting() const;
  void listen();
  void accept_all();
  void serve(int fd, std::size_t number);

  std::string path_;
  std::uint16_t port_ = 0;
  SSL_CTX* tls_ = nullptr;
  Fd listener_;
  Event look_;  ///< the acceptor is to say when nobody waits to be accepted
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  bool holding_ = false;
  mutable bool looking_ = false;
  std::vector<std::string> received_;
  std::vector<int> open_;
  std::size_t read_ = 0;
  std::vector<std::thread> servers_;
  std::thread acceptor_;
};

}  // namespace ship::testing
