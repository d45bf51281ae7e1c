#pragma once

#include <cstdint>
#include <string>

#include "net/stream_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct SyslogSinkSettings {
  enum class Framing : std::uint8_t { octet, newline };

  StreamTransport transport;
  std::string facility = "user";
  std::string app_name;
  std::string hostname;
  Labels structured_data;  ///< beside the labels
  std::string sd_id = "labels@32473";
  Framing framing = Framing::octet;
  std::uint64_t max_datagram_bytes = 2048;
  std::uint64_t max_rate = 5000;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const SyslogSinkSettings&) const = default;
};

}  // namespace ship
