#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/log.hpp"
#include "net/datagram_pace.hpp"
#include "net/datagram_socket.hpp"
#include "sinks/sink.hpp"
#include "sinks/syslog/syslog_message.hpp"
#include "sinks/syslog/syslog_settings.hpp"

namespace ship {

/// Sends each record as one datagram, over UDP or to a Unix socket. UDP tells of no loss but one:
/// that nobody listens, which is `retry`. To a Unix socket a record is delivered when its reader has
/// taken it.
class SyslogDatagrams {
 public:
  SyslogDatagrams(PeerAddress peer, const SyslogSinkSettings& settings, SyslogMessage message,
                  LogFunction log);

  Verdict send(std::span<const Record> records, const SendContext& context);
  /// Errors: see DatagramSocket::connect.
  Result<std::string> probe(const std::stop_token& stop);
  void close() { socket_.close(); }
  /// As Sink::payload: each message on a line of its own.
  std::string payload(std::span<const Record> records);

 private:
  Result<void> open(const std::stop_token& stop);
  /// Whether the message was too long and is cut.
  bool make_datagram(const Record& record);
  std::size_t taken_before_refusal(std::span<const Record> gone) const;
  void tell_of_cuts();

  const PeerAddress peer_;
  const bool local_;
  const std::chrono::milliseconds timeout_;
  const std::size_t max_bytes_;
  SyslogMessage message_;
  const LogFunction log_;
  DatagramSocket socket_;
  DatagramPace pace_;
  std::string datagram_;
  std::uint64_t cut_ = 0;  ///< in all
  std::uint64_t told_ = 0;
  SteadyTime tell_again_{};
};

}  // namespace ship
