#pragma once

#include <string>

#include "net/aws/aws_settings.hpp"
#include "net/compression.hpp"
#include "net/http_transport.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

/// How large an object becomes, and how long one may take, are the batch's own settings: object_size
/// is delivery.batch_max_bytes, object_interval is delivery.batch_timeout.
struct S3SinkSettings {
  HttpTransport transport;  ///< its URL: where the bucket's objects are, ending in a slash
  AwsSettings aws;
  std::string endpoint_url;  ///< empty: AWS
  std::string bucket;
  std::string prefix;  ///< of each key, as it is in the URL; a slash is put behind it
  /// The rest of the key, see S3Key.
  std::string key = "%Y/%m/%d/{host}-%H%M%S";
  Compression compress = Compression::gzip;

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const S3SinkSettings&) const = default;
};

}  // namespace ship
