#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct LokiSinkSettings {
  enum class Encoding : std::uint8_t { protobuf, json };
  HttpTransport transport;
  Labels labels;
  std::vector<std::string> label_fields = {"level"};
  std::vector<std::string> structured_metadata;
  std::string tenant_id;
  Encoding encoding = Encoding::protobuf;
  std::uint32_t max_streams = 100;
  std::chrono::milliseconds max_age{0};  ///< older records are not sent; 0: no limit

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  std::vector<std::string> remarks(const Labels& labels) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const LokiSinkSettings&) const = default;
};

}  // namespace ship
