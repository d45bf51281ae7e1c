#pragma once

#include <cstdint>
#include <string>

#include "base/secret.hpp"
#include "net/aws/aws_settings.hpp"
#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct ElasticsearchSinkSettings {
  enum class Op : std::uint8_t { create, index };
  HttpTransport transport;  ///< the cluster's own URL, without the index
  std::string index;        ///< text, strftime conversions and {field}
  Op op = Op::create;
  std::string id_field;  ///< as FieldFinder looks it up; empty: the record's identity
  Secret api_key;        ///< base64 of "id:key"
  AwsSettings aws;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const ElasticsearchSinkSettings&) const = default;
};

}  // namespace ship
