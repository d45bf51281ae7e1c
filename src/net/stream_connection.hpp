#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/wait.hpp"
#include "net/name_lookup.hpp"
#include "net/peer_address.hpp"
#include "net/stream_transport.hpp"
#include "net/tls_files.hpp"
#include "net/tls_session.hpp"

namespace ship {

/// A stream of bytes to one peer, over TCP, TLS or a Unix socket, that knows how much of it the
/// peer's kernel has acknowledged. What the peer says is read and thrown away. Belongs to one
/// thread. Each wait ends within milliseconds of its stop token.
///
/// Acknowledged is less than read: of what a peer's kernel has taken, and the peer has not read when
/// it dies, nobody hears. Over a Unix socket it is the same as read.
class StreamConnection {
 public:
  /// Opens nothing yet. `default_port` counts where the address tells none. Errors: config.
  static Result<std::unique_ptr<StreamConnection>> make(const StreamTransport& transport,
                                                        const std::string& default_port);

  bool is_open() const { return static_cast<bool>(fd_); }
  const PeerAddress& peer() const { return peer_; }
  /// The number that the connection leads to, and TLS's version: "127.0.0.1, TLSv1.3".
  std::string described() const;

  /// Tries all addresses of the name, each with its share of the time. Errors: transient; config for
  /// certificate files that cannot be read any more; permanent for a path that is forbidden.
  Result<void> connect(const std::stop_token& stop);
  /// Whether a new connection is due, before something is sent: by age, or for certificate files
  /// that were replaced.
  bool is_outdated();

  /// Reads what came, without waiting. Errors: transient, where the peer has closed the connection
  /// or it broke.
  Result<void> look();
  /// Sends a beginning of `bytes`, waiting as it must, and returns how much; at least 1. Errors:
  /// transient; its code is ETIMEDOUT at `until` and ECANCELED for a stop, and the connection goes on.
  Result<std::size_t> write(std::string_view bytes, const std::stop_token& stop, SteadyTime until);
  /// Waits for more acknowledgements than there were. Errors: as `write`.
  Result<void> wait_acknowledged(const std::stop_token& stop, SteadyTime until);

  /// Bytes that were given to `write` and taken, since the connection was made.
  std::uint64_t written() const { return written_; }
  /// How many of them the peer's kernel is known to have; over TLS and Unix sockets only all or none
  /// of what was written since all had come. Never more than it was when the connection was reset.
  std::uint64_t acknowledged();
  /// The peer's machine still answers, though it may take nothing: a new connection would not help.
  bool peer_answers() const;

  /// Closes without a word; what is under way may still arrive.
  void drop();
  /// Closes in order: says goodbye and waits for the peer to have read it all, a moment at most.
  void end(const std::stop_token& stop);

 private:
  StreamConnection(PeerAddress peer, StreamTransport transport);
  Result<void> connect_to(const HostAddress& address, const std::stop_token& stop,
                          SteadyTime until);
  Result<void> begin_tls(const std::stop_token& stop, SteadyTime until);
  Result<void> connect_local(const std::stop_token& stop, SteadyTime until);
  /// Sends the TLS records that wait; false: the kernel takes no more now.
  Result<bool> flush();
  bool is_broken();
  Error broken(const char* what, int code) const;
  Error waited(Waited how, const char* what) const;

  const PeerAddress peer_;
  const StreamTransport transport_;
  TlsFiles tls_files_;
  Fd fd_;
  std::string address_;  ///< the number that it leads to
  std::optional<TlsSession> tls_;
  std::string outgoing_;  ///< TLS records that were not sent yet
  std::uint64_t written_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool ended_ = false;  ///< the peer closed or reset it
  bool reset_ = false;  ///< and had not read all
  SteadyTime begun_{};
};

}  // namespace ship
