#include "sinks/http/http_sink.hpp"

#include "base/percent.hpp"
#include "record/json_text.hpp"
#include "sinks/answer.hpp"
#include "sinks/http/webhook_signature.hpp"
#include "sinks/http_probe.hpp"

namespace ship {

using Body = HttpSinkSettings::Body;

namespace {

/// What stands for the batch's id in a parameter of the query, as `complete` encodes it.
constexpr std::string_view kBatchId = "%7Bbatch_id%7D";

std::string with_batch_id(std::string url, std::string_view batch_id) {
  const std::string id = percent_encoded(batch_id);
  for (std::size_t at = url.find(kBatchId); at != url.npos; at = url.find(kBatchId, at)) {
    url.replace(at, kBatchId.size(), id);
    at += id.size();
  }
  return url;
}

}  // namespace

HttpSink::HttpSink(HttpSinkSettings settings, std::unique_ptr<HttpClient> client,
                   const Clock& clock)
    : settings_(std::move(settings)),
      client_(std::move(client)),
      clock_(clock),
      compressor_(settings_.transport.compression) {
  if (settings_.body == Body::array) {
    open_ = "[";
    close_ = "]";
  } else if (settings_.body == Body::wrapped) {
    open_ = "{";
    append_json_string(open_, settings_.wrapper_key);
    open_ += ":[";
    close_ = "]}";
  }
}

void HttpSink::encode(std::span<const Record> records) {
  std::size_t size = open_.size() + close_.size() + records.size();
  for (const Record& record : records) size += record.line.size();
  body_.clear();
  body_.reserve(size);
  body_ += open_;
  const bool lines = settings_.body == Body::ndjson;
  for (const Record& record : records) {
    body_ += record.line;
    body_ += lines ? '\n' : ',';
  }
  if (lines) return;
  body_.pop_back();
  body_ += close_;
}

Verdict HttpSink::send(std::span<const Record> records, const SendContext& context) {
  encode(records);
  const Result<std::string_view> packed = compressor_.compress(body_);
  if (!packed) return classify_no_answer(packed.error());

  HttpRequest request;
  request.method = settings_.method;
  request.url = with_batch_id(settings_.transport.url, context.batch_id);
  request.body = packed.value();
  request.headers = {{"Content-Type",
                      settings_.body == Body::ndjson ? "application/x-ndjson" : "application/json"},
                     {"Idempotency-Key", std::string(context.batch_id)}};
  if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
    request.headers.emplace_back("Content-Encoding", encoding);
  }
  if (!settings_.signing_secret.empty()) {
    const Result<std::string> secret = settings_.signing_secret.reveal();
    if (!secret) return classify_no_answer(secret.error());
    const std::string timestamp = std::to_string(clock_.wall() / 1'000'000'000);
    request.headers.emplace_back("X-Fapilog-Timestamp", timestamp);
    request.headers.emplace_back("X-Fapilog-Signature-256",
                                 webhook_signature(secret.value(), timestamp, request.body));
  }

  const Result<HttpResponse> response = client_->perform(request, context.stop);
  if (!response) return classify_no_answer(response.error());
  Verdict verdict = classify_http_answer(response.value());
  verdict.bytes_sent = request.body.size();
  return verdict;
}

std::string HttpSink::payload(std::span<const Record> records) {
  encode(records);
  return body_;
}

Result<std::string> HttpSink::probe(const std::stop_token& stop) {
  HttpRequest request;
  request.method = "OPTIONS";
  request.url = with_batch_id(settings_.transport.url, "check");
  const Result<HttpResponse> response = ask(*client_, request, {400, 405, 415, 422, 501}, stop);
  if (!response) return response.error();
  const int status = response.value().status;
  std::string found = "answers OPTIONS with HTTP " + std::to_string(status);
  if (status / 100 != 2) found += ": it is there, but only a record can tell whether it is taken";
  return found;
}

}  // namespace ship
