#include "sinks/gcp/gcp_sink.hpp"

#include <utility>

#include "base/percent.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"
#include "sinks/gcp/gcp_answer.hpp"
#include "sinks/gcp/gcp_entry.hpp"
#include "sinks/http_probe.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

// https://cloud.google.com/logging/quotas
constexpr std::size_t kMaxRequestBytes = 10'000'000;
constexpr std::size_t kMaxEntryBytes = 256u << 10;
constexpr WallNanos kDayNanos = std::chrono::nanoseconds(std::chrono::hours(24)).count();

void append_labels(std::string& out, std::string_view key, const Labels& labels) {
  out.append("\"").append(key).append("\":{");
  bool first = true;
  for (const auto& [name, text] : labels) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
  }
  out += '}';
}

/// What stands before the entries.
std::string request_head(const GcpSinkSettings& settings, const Labels& labels) {
  std::string head = R"({"logName":)";
  append_json_string(head,
                     "projects/" + settings.project + "/logs/" + percent_encoded(settings.log));
  head += R"(,"resource":{"type":)";
  append_json_string(head, settings.resource);
  if (!settings.resource_labels.empty()) {
    head += ',';
    append_labels(head, "labels", settings.resource_labels);
  }
  head += "},";
  if (!labels.empty()) {
    append_labels(head, "labels", labels);
    head += ',';
  }
  return head + R"("partialSuccess":true,"entries":[)";
}

RequestForm gcp_form(const std::string& head) {
  RequestForm form;
  form.open = head;
  form.close = "]}";
  form.separator = ",";
  form.max_bytes = kMaxRequestBytes;
  form.max_entries = SIZE_MAX;
  form.max_entry_bytes = kMaxEntryBytes;
  form.too_long =
      "longer than the 256 KB that Cloud Logging takes of an entry; size_guard.max_bytes cuts";
  return form;
}

}  // namespace

Result<std::unique_ptr<Sink>> GcpSink::make(GcpSinkSettings settings, const Labels& labels,
                                            std::unique_ptr<HttpClient> client,
                                            std::unique_ptr<GoogleTokenSource> tokens,
                                            const Clock& clock, LogFunction log) {
  if (settings.transport.compression == Compression::zstd) {
    return Error{ErrorKind::config,
                 "Cloud Logging takes no zstd; use compression = \"gzip\" or \"none\""};
  }
  return std::unique_ptr<Sink>(new GcpSink(std::move(settings), labels, std::move(client),
                                           std::move(tokens), clock, std::move(log)));
}

GcpSink::GcpSink(GcpSinkSettings settings, const Labels& labels, std::unique_ptr<HttpClient> client,
                 std::unique_ptr<GoogleTokenSource> tokens, const Clock& clock, LogFunction log)
    : settings_(std::move(settings)),
      open_(request_head(settings_, labels)),
      http_(std::move(client), settings_.transport.url, settings_.transport.compression),
      tokens_(std::move(tokens)),
      series_(gcp_form(open_)),
      clock_(clock),
      log_(std::move(log)) {}

RequestSeries::Append GcpSink::append_entry() {
  return [this](const Record& record, std::string& body) -> std::optional<std::string> {
    append_gcp_entry(record, settings_.project, body);
    const bool old = settings_.retention_days > 0 &&
                     record.time < clock_.wall() - settings_.retention_days * kDayNanos;
    if (old && log_ && settings_.said.first(0)) {
      log_(LogLevel::warning,
           "a record is older than the " + std::to_string(settings_.retention_days) +
               " days that the log keeps (retention_days): it is sent, and Cloud Logging takes it "
               "without keeping it");
    }
    return std::nullopt;
  };
}

Result<HttpResponse> GcpSink::post(std::string_view body, const std::stop_token& stop) {
  for (bool renewed = false;; renewed = true) {
    const Result<std::string> token = tokens_->get(stop);
    if (!token) return token.error();
    Result<HttpResponse> response = http_.send(
        body, {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token.value()}},
        stop);
    constexpr int kUnauthorized = 401;
    const bool refused = response && response.value().status == kUnauthorized;
    if (!refused || renewed || !tokens_->renew(stop)) return response;
  }
}

Verdict GcpSink::send(std::span<const Record> records, const SendContext& context) {
  return series_.send(records, append_entry(), [&](std::string_view body, std::size_t entries) {
    const Result<HttpResponse> response = post(body, context.stop);
    if (!response) return classify_no_answer(response.error());
    Verdict verdict = classify_gcp_answer(response.value(), entries);
    verdict.bytes_sent = http_.bytes();
    return verdict;
  });
}

std::string GcpSink::payload(std::span<const Record> records) {
  return series_.text(records, append_entry());
}

Result<std::string> GcpSink::probe(const std::stop_token& stop) {
  const std::string body = open_ + R"({"timestamp":")" + format_rfc3339(clock_.wall()) +
                           R"(","severity":"DEFAULT","textPayload":"check"}],"dryRun":true})";
  const Result<HttpResponse> response = post(body, stop);
  if (!response) return response.error();
  const Verdict verdict = classify_gcp_answer(response.value(), 1);
  HttpRequest request;
  request.url = http_.url();
  if (verdict.kind != Kind::ok) {
    return Error{verdict.kind == Kind::retry ? ErrorKind::transient : ErrorKind::permanent,
                 "POST " + request.url + ": " + verdict.reason};
  }
  if (response.value().content_type.find("json") == std::string::npos) {
    return is_something_else(request, response.value(), "Google Cloud Logging");
  }
  return "may write to the log " + settings_.log + " of " + settings_.project +
         " (an entry with dryRun was taken)";
}

}  // namespace ship
