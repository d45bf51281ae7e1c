#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace ship {

/// Bytes that wait in the receive buffers of the sockets bound to a UDP port of this machine, as
/// `table` has it, the text of /proc/net/udp or udp6; none where no socket is bound to it.
std::optional<std::uint64_t> waiting_bytes(std::string_view table, std::uint16_t port);

/// How fast datagrams go, for UDP pushes nobody back: a receiver on this machine as fast as its
/// receive buffer is emptied, any other at a fixed rate. Belongs to one thread.
class DatagramPace {
 public:
  /// `max_rate` is in datagrams a second; 0 is no limit.
  explicit DatagramPace(std::uint64_t max_rate) : max_rate_(max_rate) {}

  /// The peer's port, and whether it is one of this machine's: counts from now on.
  void aim(const std::string& port, bool this_machine);
  /// Waits until a datagram of `size` bytes may go. False: stopped.
  bool wait_for_turn(std::size_t size, const std::stop_token& stop);
  /// Waits until the receiver on this machine has read all, where that can be seen, a moment at most.
  void wait_read(const std::stop_token& stop);

  /// A receiver on this machine had so many bytes unread at most, `weight` of each datagram.
  static constexpr std::uint64_t kMaxUnread = 96 * 1024;
  static std::uint64_t weight(std::size_t size) { return size + kDatagramWeight; }

 private:
  /// In the kernel's own count a datagram weighs about a kilobyte more than its bytes.
  static constexpr std::uint64_t kDatagramWeight = 1280;

  bool wait_for_reader(std::size_t size, const std::stop_token& stop);

  const std::uint64_t max_rate_;
  std::uint16_t port_ = 0;
  bool this_machine_ = false;
  std::uint64_t allowance_ = 0;  ///< bytes that may go before the buffer is looked at again
  SteadyTime next_{};
};

}  // namespace ship
