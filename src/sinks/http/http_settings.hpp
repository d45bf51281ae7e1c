#pragma once

#include <cstdint>
#include <string>

#include "base/secret.hpp"
#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct HttpSinkSettings {
  enum class Body : std::uint8_t { ndjson, array, wrapped };
  HttpTransport transport;
  Labels query;  ///< query parameters, added to the URL
  std::string method = "POST";
  Body body = Body::ndjson;
  std::string wrapper_key = "logs";
  Secret signing_secret;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const HttpSinkSettings&) const = default;
};

}  // namespace ship
