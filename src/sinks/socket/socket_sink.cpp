#include "sinks/socket/socket_sink.hpp"

#include <utility>

namespace ship {

Result<std::unique_ptr<Sink>> SocketSink::make(const SocketSinkSettings& settings) {
  Result<std::unique_ptr<StreamConnection>> connection =
      StreamConnection::make(settings.transport, {});
  if (!connection) return std::move(connection).error();
  const auto line = [](const Record& record, std::string& out) {
    out += record.line;
    out += '\n';
  };
  return std::unique_ptr<Sink>(new SocketSink(
      RecordStream(std::move(connection).value(), settings.transport.request_timeout, line)));
}

Verdict SocketSink::send(std::span<const Record> records, const SendContext& context) {
  return stream_.send(records, context);
}

}  // namespace ship
