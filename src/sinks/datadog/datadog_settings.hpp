#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "net/http_transport.hpp"
#include "sinks/said_once.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct DatadogSinkSettings {
  HttpTransport transport;  ///< the intake's URL
  Secret api_key;
  std::string service;
  std::string source;
  std::vector<std::string> tags;  ///< "key:value"
  SaidOnce said;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const DatadogSinkSettings&) const = default;
};

}  // namespace ship
