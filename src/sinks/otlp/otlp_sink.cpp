#include "sinks/otlp/otlp_sink.hpp"

#include <algorithm>

#include "sinks/answer.hpp"
#include "sinks/http_probe.hpp"
#include "sinks/otlp/otlp_answer.hpp"
#include "sinks/otlp/otlp_json.hpp"

namespace ship {
namespace {

/// The specification's ceiling is 64 MiB before compression; collectors accept 20 MiB by default.
constexpr std::size_t kMaxBodyBytes = 16u << 20;

std::string logs_url(std::string url, bool append_path) {
  if (!append_path) return url;
  constexpr std::string_view kPath = "/v1/logs";
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.ends_with(kPath)) url += kPath;
  return url;
}

Labels merged(Labels labels, const Labels& more) {
  for (const auto& [key, text] : more) {
    const auto known =
        std::find_if(labels.begin(), labels.end(),
                     [&, name = key](const auto& pair) { return pair.first == name; });
    if (known == labels.end()) {
      labels.emplace_back(key, text);
    } else {
      known->second = text;
    }
  }
  return labels;
}

}  // namespace

Result<std::unique_ptr<Sink>> OtlpSink::make(OtlpSinkSettings settings, const Labels& all_labels,
                                             std::unique_ptr<HttpClient> client, const Clock& clock,
                                             std::vector<std::string> message_fields) {
  if (settings.transport.compression == Compression::zstd) {
    return Error{ErrorKind::config, "OTLP knows no zstd; use compression = \"gzip\" or \"none\""};
  }
  Labels resource = merged(all_labels, settings.resource_attributes);
  return std::unique_ptr<Sink>(new OtlpSink(std::move(settings), std::move(resource),
                                            std::move(client), clock, std::move(message_fields)));
}

OtlpSink::OtlpSink(OtlpSinkSettings settings, Labels resource, std::unique_ptr<HttpClient> client,
                   const Clock& clock, std::vector<std::string> message_fields)
    : settings_(std::move(settings)),
      client_(std::move(client)),
      clock_(clock),
      encoder_(std::move(resource), std::move(message_fields)),
      compressor_(settings_.transport.compression),
      url_(logs_url(settings_.transport.url, settings_.append_path)) {}

Verdict OtlpSink::send(std::span<const Record> records, const SendContext& context) {
  encoder_.encode(records, clock_.wall(), body_);
  if (body_.size() > kMaxBodyBytes && records.size() > 1) {
    return Verdict::of(Verdict::Kind::split, 0, "the request is above 16 MB");
  }
  const Result<std::string_view> packed = compressor_.compress(body_);
  if (!packed) return classify_no_answer(packed.error());
  HttpRequest request;
  request.url = url_;
  request.body = packed.value();
  request.headers = {{"Content-Type", "application/x-protobuf"}};
  if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
    request.headers.emplace_back("Content-Encoding", encoding);
  }
  const Result<HttpResponse> response = client_->perform(request, context.stop);
  if (!response) return classify_no_answer(response.error());
  Verdict verdict = classify_otlp_answer(response.value(), records.size());
  verdict.bytes_sent = request.body.size();
  return verdict;
}

std::string OtlpSink::payload(std::span<const Record> records) {
  encoder_.encode(records, clock_.wall(), body_);
  return otlp_json(body_);
}

Result<std::string> OtlpSink::probe(const std::stop_token& stop) {
  HttpRequest request;
  request.url = url_;
  request.headers = {{"Content-Type", "application/x-protobuf"}};
  const Result<HttpResponse> response = ask(*client_, request, {}, stop);
  if (!response) return response.error();
  const std::string& type = response.value().content_type;
  // An answer without a body may lack a type.
  if (!response.value().body.empty() && type.find("protobuf") == std::string::npos &&
      type.find("json") == std::string::npos) {
    return is_something_else(request, response.value(), "an OTLP endpoint");
  }
  return "takes log records: an empty request is answered with HTTP " +
         std::to_string(response.value().status);
}

}  // namespace ship
