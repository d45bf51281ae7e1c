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
/// batch's id as Idempotency-Key, the same at each attempt, and fapilog's webhook signature over
/// the bytes that go over the wire where a signing secret is set. What the answers mean:
/// `classify_http_answer`.
class HttpSink final : public Sink {
 public:
  /// `clock` gives the signature's time and must outlive the sink.
  HttpSink(HttpSinkSettings settings, std::unique_ptr<HttpClient> client, const Clock& clock);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// OPTIONS to the URL, with the credentials: safe by RFC 9110, and an answer even where it is not
  /// implemented. That records would be taken it cannot tell.
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
  std::string body_;   ///< kept for its memory
};

}  // namespace ship
