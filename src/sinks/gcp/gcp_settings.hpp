#pragma once

#include <cstdint>
#include <string>

#include "net/google/google_settings.hpp"
#include "net/http_transport.hpp"
#include "sinks/said_once.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct GcpSinkSettings {
  HttpTransport transport;  ///< the API's URL
  GoogleSettings google;
  std::string project;
  std::string log;
  std::string resource = "global";  ///< the type of the monitored resource
  Labels resource_labels;
  std::uint32_t retention_days = 30;  ///< of the log bucket; 0: nothing is said of old records
  SaidOnce said;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const GcpSinkSettings&) const = default;
};

}  // namespace ship
