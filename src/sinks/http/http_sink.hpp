#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Sends each batch as one HTTP request. The records go into the body byte for byte: as lines
/// (ndjson), as a JSON array, or as an array under one key (wrapped). The request carries the
/// batch's id as Idempotency-Key, the same at each attempt, and, if a signing secret is set,
/// fapilog's webhook signature over the bytes on the wire. What the answers mean:
/// `classify_http_answer`.
class HttpSink final : public Sink {
 public:
  /// `clock` provides the signature's time and must outlive the sink.
  HttpSink(HttpSinkSettings settings, std::unique_ptr<HttpClient> client, const Clock& clock);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// Sends OPTIONS to the URL, with the credentials: safe by RFC 9110, and answered even if not
  /// implemented. It cannot tell whether records would be accepted.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override;

 private:
  void encode(std::span<const Record> records);

  const HttpSinkSettings settings_;
  std::unique_ptr<HttpClient> client_;
  const Clock& clock_;
  Compressor compressor_;
  std::string open_;   ///< before the first record
  std::string close_;  ///< after the last one
  std::string body_;   ///< kept to reuse its memory
};

}  // namespace ship
