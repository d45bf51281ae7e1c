#pragma once

#include <memory>

#include "sinks/record_stream.hpp"
#include "sinks/sink.hpp"
#include "sinks/socket/socket_settings.hpp"

namespace ship {

/// Writes each record's line and a newline to a socket: TCP, TLS or Unix. What counts as delivered:
/// RecordStream.
class SocketSink final : public Sink {
 public:
  /// Errors: config.
  static Result<std::unique_ptr<Sink>> make(const SocketSinkSettings& settings);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  void abandon() override { stream_.abandon(); }
  Result<std::string> probe(const std::stop_token& stop) override { return stream_.probe(stop); }
  std::string payload(std::span<const Record> records) override { return stream_.frames(records); }
  void close(const std::stop_token& stop) override { stream_.close(stop); }

 private:
  explicit SocketSink(RecordStream stream) : stream_(std::move(stream)) {}

  RecordStream stream_;
};

}  // namespace ship
