#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/secret.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct KafkaSinkSettings {
  std::string brokers;       ///< "b1:9092,b2:9092"
  std::string topic;         ///< text, strftime conversions and {field}
  std::string key_field;     ///< as FieldFinder looks it up; empty: no keys
  std::string acks = "all";  ///< "all" (and idempotent), "1", "0"
  std::string compression = "none";
  bool tls = false;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  bool tls_verify = true;
  std::string username;
  Secret password;
  std::string sasl_mechanism = "PLAIN";
  Labels properties;  ///< librdkafka's, checked
  std::chrono::milliseconds request_timeout{10000};
  std::uint32_t batch_size = 256;  ///< as in DeliverySettings: what librdkafka may hold
  std::uint64_t batch_max_bytes = 1u << 20;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const KafkaSinkSettings&) const = default;

 private:
  void check_property(const std::string& name, const std::string& value,
                      const SettingReport& report) const;
};

}  // namespace ship
