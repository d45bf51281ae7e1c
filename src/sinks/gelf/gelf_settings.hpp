#pragma once

#include <string>

#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct GelfSinkSettings {
  HttpTransport transport;  ///< its url may be "tcp://host:port" or "tls://…", too
  std::string hostname;
  bool bulk = false;  ///< several messages in one request

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const GelfSinkSettings&) const = default;
};

}  // namespace ship
