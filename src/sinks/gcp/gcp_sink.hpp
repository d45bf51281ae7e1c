#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/google/google_token.hpp"
#include "sinks/gcp/gcp_settings.hpp"
#include "sinks/http_post.hpp"
#include "sinks/request_series.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Writes each batch into one log of Google Cloud Logging, in requests of at most 10 MB. An entry
/// above 256 KB is refused. Each entry has the record's identity as insertId and the record's own
/// time, the same at each attempt, so that a query shows it once. Records that are older than the
/// log's retention are sent, count as delivered and are not kept there: that is said once.
class GcpSink final : public Sink {
 public:
  /// `labels` are those of every entry; `clock` tells what is old, and must outlive the sink.
  /// Errors: config, for zstd.
  static Result<std::unique_ptr<Sink>> make(GcpSinkSettings settings, const Labels& labels,
                                            std::unique_ptr<HttpClient> client,
                                            std::unique_ptr<GoogleTokenSource> tokens,
                                            const Clock& clock, LogFunction log);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// An entry with dryRun, which is checked with the credentials and goes nowhere.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override;

 private:
  GcpSink(GcpSinkSettings settings, const Labels& labels, std::unique_ptr<HttpClient> client,
          std::unique_ptr<GoogleTokenSource> tokens, const Clock& clock, LogFunction log);
  RequestSeries::Append append_entry();
  /// With a token; again with another one where that is refused.
  Result<HttpResponse> post(std::string_view body, const std::stop_token& stop);

  const GcpSinkSettings settings_;
  const std::string open_;
  HttpPost http_;
  std::unique_ptr<GoogleTokenSource> tokens_;
  RequestSeries series_;
  const Clock& clock_;
  const LogFunction log_;
};

}  // namespace ship
