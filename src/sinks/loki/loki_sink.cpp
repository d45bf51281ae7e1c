#include "sinks/loki/loki_sink.hpp"

#include <algorithm>

#include "sinks/answer.hpp"
#include "sinks/http_probe.hpp"
#include "sinks/loki/loki_answer.hpp"
#include "sinks/loki/loki_push.hpp"

namespace ship {
namespace {

using Encoding = LokiSinkSettings::Encoding;
using Kind = Verdict::Kind;

/// Loki's defaults let a tenant send 6 MB at once; a larger request is refused forever.
constexpr std::size_t kMaxRequestLineBytes = 4u << 20;

constexpr const char* kTooOld = "older than max_age";

constexpr std::string_view kPushPath = "/loki/api/v1/push";

std::string push_url(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.ends_with(kPushPath)) url += kPushPath;
  return url;
}

}  // namespace

Result<std::unique_ptr<Sink>> LokiSink::make(LokiSinkSettings settings, const Labels& all_labels,
                                             std::unique_ptr<HttpClient> client, const Clock& clock,
                                             LogFunction log) {
  const Compression compression = settings.transport.compression;
  if (settings.encoding == Encoding::protobuf && compression != Compression::none) {
    return Error{ErrorKind::config,
                 "compression cannot be set with encoding = \"protobuf\", which has snappy built "
                 "in; leave it out, or set encoding = \"json\" for gzip"};
  }
  if (compression == Compression::zstd) {
    return Error{ErrorKind::config, "Loki takes no zstd; use compression = \"gzip\" or \"none\""};
  }
  return std::unique_ptr<Sink>(
      new LokiSink(std::move(settings), all_labels, std::move(client), clock, std::move(log)));
}

LokiSink::LokiSink(LokiSinkSettings settings, const Labels& all_labels,
                   std::unique_ptr<HttpClient> client, const Clock& clock, LogFunction log)
    : settings_(std::move(settings)),
      client_(std::move(client)),
      clock_(clock),
      streams_(settings_, all_labels, std::move(log)),
      compressor_(settings_.transport.compression),
      url_(push_url(settings_.transport.url)) {}

void LokiSink::group(std::span<const Record> records) {
  too_old_.clear();
  streams_.begin();
  const WallNanos max_age = std::chrono::nanoseconds(settings_.max_age).count();
  const WallNanos oldest = clock_.wall() - max_age;
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    if (max_age > 0 && records[i].time < oldest) {
      too_old_.push_back(i);
    } else {
      streams_.add(records[i], i);
    }
  }
}

Verdict LokiSink::push(std::span<const Record> records, const SendContext& context) {
  HttpRequest request;
  request.url = url_;
  if (settings_.encoding == Encoding::protobuf) {
    request.body = compress_snappy(write_loki_protobuf(streams_, records, body_), packed_);
    request.headers.emplace_back("Content-Type", "application/x-protobuf");
  } else {
    write_loki_json(streams_, records, body_);
    const Result<std::string_view> packed = compressor_.compress(body_);
    if (!packed) return classify_no_answer(packed.error());
    request.body = packed.value();
    request.headers.emplace_back("Content-Type", "application/json");
    if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
      request.headers.emplace_back("Content-Encoding", encoding);
    }
  }
  if (!settings_.tenant_id.empty()) {
    request.headers.emplace_back("X-Scope-OrgID", settings_.tenant_id);
  }
  const Result<HttpResponse> response = client_->perform(request, context.stop);
  if (!response) return classify_no_answer(response.error());
  Verdict verdict = classify_loki_answer(response.value(), streams_, records);
  verdict.bytes_sent = request.body.size();
  return verdict;
}

Verdict LokiSink::send(std::span<const Record> records, const SendContext& context) {
  std::size_t line_bytes = 0;
  for (const Record& record : records) line_bytes += record.line.size();
  if (line_bytes > kMaxRequestLineBytes && records.size() > 1) {
    return Verdict::of(Kind::split, 0, "the batch is above 4 MB, more than Loki takes at once");
  }

  group(records);
  const std::string reason = kTooOld;
  if (too_old_.size() == records.size()) return Verdict::of(Kind::reject, 0, reason);
  Verdict verdict = push(records, context);
  if (too_old_.empty() || (verdict.kind != Kind::ok && verdict.kind != Kind::partial)) {
    return verdict;
  }
  if (verdict.kind == Kind::ok) verdict.reason = reason;
  verdict.kind = Kind::partial;
  for (const std::uint32_t index : too_old_) {
    Verdict::Item item;
    item.index = index;
    item.reason = reason;
    verdict.items.push_back(std::move(item));
  }
  std::sort(verdict.items.begin(), verdict.items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  return verdict;
}

std::string LokiSink::payload(std::span<const Record> records) {
  group(records);
  if (too_old_.size() == records.size()) return kTooOld;
  write_loki_json(streams_, records, body_);
  return body_;
}

Result<std::string> LokiSink::probe(const std::stop_token& stop) {
  HttpRequest request;
  request.method = "GET";
  request.url = url_.substr(0, url_.size() - kPushPath.size()) + "/ready";
  // A gateway may hide it, or require other rights for it.
  Result<HttpResponse> ready = ask(*client_, request, {401, 403, 404, 405, 501}, stop);
  if (!ready) return std::move(ready).error();
  const bool is_ready =
      ready.value().status == 200 && ready.value().body.find("ready") != std::string::npos;

  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/x-protobuf"}};
  if (!settings_.tenant_id.empty()) {
    request.headers.emplace_back("X-Scope-OrgID", settings_.tenant_id);
  }
  request.body = compress_snappy("", packed_);
  Result<HttpResponse> pushed = ask(*client_, request, {400, 422}, stop);
  if (!pushed) return std::move(pushed).error();
  const int status = pushed.value().status;
  const bool taken = status == 200 || status == 204 || status == 422 || (status == 400 && is_ready);
  if (!taken || pushed.value().content_type.starts_with("text/html")) {
    return is_something_else(request, pushed.value(), "Loki");
  }
  const std::string readiness = is_ready ? "Loki is ready"
                                         : "Loki is there (/ready answers " +
                                               std::to_string(ready.value().status) +
                                               "; a gateway may not have it)";
  return readiness + ", and answers a push without records with HTTP " + std::to_string(status);
}

}  // namespace ship
