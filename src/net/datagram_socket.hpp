#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "net/peer_address.hpp"

namespace ship {

/// Sends datagrams to one peer, over UDP or to a Unix socket. Belongs to one thread.
class DatagramSocket {
 public:
  explicit DatagramSocket(PeerAddress peer) : peer_(std::move(peer)) {}

  bool is_open() const { return static_cast<bool>(fd_); }
  /// Looks the name up and fixes the peer; asks nobody whether it is there. Errors: transient;
  /// permanent for a path that is forbidden; the code is EPROTOTYPE for a socket for streams.
  Result<void> connect(const std::stop_token& stop, SteadyTime until);
  /// Sends one, waiting for room in the peer's queue where the kernel knows it. Errors: transient,
  /// ECONNREFUSED among them: nobody listens, which may be said of an earlier datagram; permanent with
  /// EMSGSIZE for one that is too long for the way; ECANCELED and ETIMEDOUT as they say.
  Result<void> send(std::string_view datagram, const std::stop_token& stop, SteadyTime until);
  /// Whether the kernel was told that nobody listens, since the last call.
  Result<void> refused();
  /// Of a Unix socket: waits until the peer has read all. Errors: as `send`, and where the one that
  /// was to read it is gone.
  Result<void> wait_read(const std::stop_token& stop, SteadyTime until);
  void close();

  /// The number that it leads to; empty for a Unix socket.
  const std::string& address() const { return address_; }
  /// The peer is a socket of this machine.
  bool to_this_machine() const { return to_this_machine_; }

 private:
  Result<void> connect_local();
  Result<void> connect_to_path(const Fd& fd) const;
  Error failed(const char* what, int code) const;

  PeerAddress peer_;
  Fd fd_;
  std::string address_;
  bool to_this_machine_ = false;
  std::uint64_t inode_ = 0;  ///< of the path, when it was connected to
};

}  // namespace ship
