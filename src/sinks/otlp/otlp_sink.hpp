#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "sinks/otlp/otlp_encode.hpp"
#include "sinks/otlp/otlp_settings.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Exports each batch to an OpenTelemetry collector, or anything else that accepts OTLP/HTTP, as
/// one protobuf request. OtlpEncoder encodes the records, `classify_otlp_answer` reads the answers.
class OtlpSink final : public Sink {
 public:
  /// The resource's attributes are `all_labels`, overridden and extended by those of the settings.
  /// `message_fields` as in KnownPlaces. Errors: config, for zstd.
  static Result<std::unique_ptr<Sink>> make(OtlpSinkSettings settings, const Labels& all_labels,
                                            std::unique_ptr<HttpClient> client, const Clock& clock,
                                            std::vector<std::string> message_fields = {});

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// Sends an export request without log records, which collectors accept like any other.
  Result<std::string> probe(const std::stop_token& stop) override;
  /// The request in OTLP's JSON.
  std::string payload(std::span<const Record> records) override;

 private:
  OtlpSink(OtlpSinkSettings settings, Labels resource, std::unique_ptr<HttpClient> client,
           const Clock& clock, std::vector<std::string> message_fields);

  const OtlpSinkSettings settings_;
  std::unique_ptr<HttpClient> client_;
  const Clock& clock_;
  OtlpEncoder encoder_;
  Compressor compressor_;
  std::string url_;
  std::string body_;  ///< kept to reuse its memory
};

}  // namespace ship
