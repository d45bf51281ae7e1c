#pragma once

#include <string>

#include "base/secret.hpp"
#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct SplunkSinkSettings {
  HttpTransport transport;  ///< the collector's URL
  Secret token;
  std::string index;  ///< text, strftime conversions and {field}; empty: the token's default
  std::string source;
  std::string sourcetype;
  std::string id_field = "fapilog_ship_id";  ///< of the indexed fields; empty: none

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const SplunkSinkSettings&) const = default;
};

}  // namespace ship
