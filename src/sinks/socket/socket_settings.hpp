#pragma once

#include "net/stream_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct SocketSinkSettings {
  StreamTransport transport;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const SocketSinkSettings&) const = default;
};

}  // namespace ship
