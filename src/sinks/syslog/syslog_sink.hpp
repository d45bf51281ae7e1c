#pragma once

#include <memory>

#include "rows/labels.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/syslog/syslog_settings.hpp"

namespace ship {

/// A sink that sends each record as one syslog message: over TCP and TLS as RFC 5424 says, with
/// octet counting (RFC 6587, 5425) or newlines; over UDP one a datagram (RFC 5426); to a Unix socket
/// in the local form that syslog daemons and journald read there, as datagrams or, where the socket
/// is one for streams, as lines. Errors: config.
Result<std::unique_ptr<Sink>> make_syslog_sink(const SyslogSinkSettings& settings,
                                               const Labels& labels,
                                               const SinkEnvironment& environment);

}  // namespace ship
