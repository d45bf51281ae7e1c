#pragma once

#include <cstdint>
#include <string>

#include "net/aws/aws_settings.hpp"
#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct CloudwatchSinkSettings {
  HttpTransport transport;  ///< the endpoint's URL
  AwsSettings aws;
  std::string group;
  std::string stream = "{host}-{pid}";  ///< text, strftime conversions, {host}, {pid} and {field}
  bool create_group = true;
  bool create_stream = true;
  std::uint32_t retention_days = 0;  ///< of a group that the sink creates; 0: forever

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const CloudwatchSinkSettings&) const = default;
};

}  // namespace ship
