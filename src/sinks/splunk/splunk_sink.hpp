#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sinks/http_post.hpp"
#include "sinks/request_series.hpp"
#include "sinks/sink.hpp"
#include "sinks/splunk/splunk_answer.hpp"
#include "sinks/splunk/splunk_event.hpp"
#include "sinks/splunk/splunk_settings.hpp"

namespace ship {

/// Sends each batch to Splunk's HTTP Event Collector, in requests of at most 1 MB; a longer event
/// goes alone. An event that the collector singles out as invalid is refused, and the others are
/// sent again at once: what stood before it may have been indexed, so that a search may see it
/// twice, with the same identity in `id_field`.
class SplunkSink final : public Sink {
 public:
  /// `labels` become indexed fields. Errors: config, for an index that is no pattern and for zstd.
  static Result<std::unique_ptr<Sink>> make(SplunkSinkSettings settings, const Labels& labels,
                                            const std::string& host,
                                            std::unique_ptr<HttpClient> client);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// A request without events, which the collector refuses for that reason alone where it takes the
  /// token.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override;

 private:
  SplunkSink(SplunkSinkSettings settings, SplunkEventWriter writer,
             std::unique_ptr<HttpClient> client);
  RequestSeries::Append append_event();
  SplunkAnswer ask_collector(std::string_view body, std::size_t events,
                             const std::stop_token& stop);
  Verdict post(std::string_view body, std::size_t events, const std::stop_token& stop);

  const SplunkSinkSettings settings_;
  SplunkEventWriter writer_;
  HttpPost http_;
  RequestSeries series_;
};

}  // namespace ship
