#include "sinks/socket/socket_settings.hpp"

#include "rows/member.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/socket/socket_sink.hpp"
#include "sinks/stream_defaults.hpp"

namespace ship {

const SinkType& SocketSinkSettings::type() {
  static const SinkType kType = describe_sink<SocketSinkSettings>(
      {.name = "socket",
       .schemes = "tcp|tls|unix",
       .form = UrlForm::peer,
       .example = "tcp://host:5170",
       .help = "a socket that takes lines as they are, over TCP, TLS or unix:PATH",
       .defaults = kStreamDefaults,
       .worker_bytes = kStreamBufferBytes},
      {{stream_connection_rows(), part<SocketSinkSettings, &SocketSinkSettings::transport>}});
  return kType;
}

void SocketSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void SocketSinkSettings::check(const SettingReport& report) const { transport.check(report); }

Result<std::unique_ptr<Sink>> SocketSinkSettings::make(const Labels&,
                                                       const SinkEnvironment&) const {
  return SocketSink::make(*this);
}

}  // namespace ship
