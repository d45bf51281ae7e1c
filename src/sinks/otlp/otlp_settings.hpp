#pragma once

#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct OtlpSinkSettings {
  HttpTransport transport;
  Labels resource_attributes;    ///< replace and add to the labels
  bool otel_environment = true;  ///< looked at where settings are read
  bool append_path = true;       ///< /v1/logs, where the URL does not end so

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const OtlpSinkSettings&) const = default;
};

}  // namespace ship
