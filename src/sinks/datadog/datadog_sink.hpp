#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "sinks/datadog/datadog_log.hpp"
#include "sinks/datadog/datadog_settings.hpp"
#include "sinks/http_post.hpp"
#include "sinks/request_series.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Sends each batch to Datadog's log intake, in requests of at most 1,000 logs and 5 MB. What the
/// intake takes and changes is sent, counts as delivered and is said once: it cuts a log above 1 MB,
/// and gives one that is older than 18 hours the time of its arrival. The intake knows no ids: what
/// goes again after a lost answer may be there twice.
class DatadogSink final : public Sink {
 public:
  /// `labels` become tags; `clock` tells what is old, and must outlive the sink. Errors: config, for
  /// zstd.
  static Result<std::unique_ptr<Sink>> make(DatadogSinkSettings settings, const Labels& labels,
                                            const std::string& host,
                                            std::unique_ptr<HttpClient> client, const Clock& clock,
                                            LogFunction log);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// An empty array, for which the intake needs the key and stores nothing.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override;

 private:
  DatadogSink(DatadogSinkSettings settings, const Labels& labels, const std::string& host,
              std::unique_ptr<HttpClient> client, const Clock& clock, LogFunction log);
  RequestSeries::Append append_log();
  void say_once(std::size_t what, std::string text);

  const DatadogSinkSettings settings_;
  DatadogLogWriter writer_;
  HttpPost http_;
  RequestSeries series_;
  const Clock& clock_;
  const LogFunction log_;
};

}  // namespace ship
