#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/loki/loki_streams.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Pushes each batch to Grafana Loki as one request, as protobuf in a raw snappy block or as JSON.
/// The line is the record byte for byte, the time the event's own; LokiStreams handles labels and
/// streams, `classify_loki_answer` the answers. The same records give the same request at each
/// attempt, so that Loki recognises a repeated one.
class LokiSink final : public Sink {
 public:
  /// Errors: config, for a compression that the encoding does not support.
  static Result<std::unique_ptr<Sink>> make(LokiSinkSettings settings, const Labels& all_labels,
                                            std::unique_ptr<HttpClient> client, const Clock& clock,
                                            LogFunction log);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// GET /ready, which a gateway may hide, then a push without streams, which needs the same
  /// credentials and tenant as any other.
  Result<std::string> probe(const std::stop_token& stop) override;
  /// The request as JSON, whatever the encoding.
  std::string payload(std::span<const Record> records) override;

 private:
  LokiSink(LokiSinkSettings settings, const Labels& all_labels, std::unique_ptr<HttpClient> client,
           const Clock& clock, LogFunction log);
  void group(std::span<const Record> records);
  Verdict push(std::span<const Record> records, const SendContext& context);

  const LokiSinkSettings settings_;
  std::unique_ptr<HttpClient> client_;
  const Clock& clock_;
  LokiStreams streams_;
  Compressor compressor_;
  std::string url_;
  std::vector<std::uint32_t> too_old_;  ///< of the current batch
  std::string body_;                    ///< kept to reuse its memory, as is the next
  std::string packed_;
};

}  // namespace ship
