#include "sinks/datadog/datadog_sink.hpp"

#include <utility>

#include "sinks/datadog/datadog_answer.hpp"
#include "sinks/http_probe.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

// https://docs.datadoghq.com/api/latest/logs/#send-logs
constexpr std::size_t kMaxRequestBytes = 5'000'000;
constexpr std::size_t kMaxLogs = 1'000;
constexpr std::size_t kMaxLogBytes = 1'000'000;
constexpr WallNanos kOldest = std::chrono::nanoseconds(std::chrono::hours(18)).count();

// What is said once.
constexpr std::size_t kLong = 0;
constexpr std::size_t kOld = 1;

RequestForm datadog_form() {
  RequestForm form;
  form.open = "[";
  form.close = "]";
  form.separator = ",";
  form.max_bytes = kMaxRequestBytes;
  form.max_entries = kMaxLogs;
  form.max_entry_bytes = kMaxRequestBytes - 2;
  form.too_long = "longer than the 5 MB that Datadog takes in a request; size_guard.max_bytes cuts";
  return form;
}

}  // namespace

Result<std::unique_ptr<Sink>> DatadogSink::make(DatadogSinkSettings settings, const Labels& labels,
                                                const std::string& host,
                                                std::unique_ptr<HttpClient> client,
                                                const Clock& clock, LogFunction log) {
  if (settings.transport.compression == Compression::zstd) {
    return Error{ErrorKind::config, "use compression = \"gzip\" or \"none\" for Datadog"};
  }
  return std::unique_ptr<Sink>(
      new DatadogSink(std::move(settings), labels, host, std::move(client), clock, std::move(log)));
}

DatadogSink::DatadogSink(DatadogSinkSettings settings, const Labels& labels,
                         const std::string& host, std::unique_ptr<HttpClient> client,
                         const Clock& clock, LogFunction log)
    : settings_(std::move(settings)),
      writer_(settings_, labels, host),
      http_(std::move(client), settings_.transport.url, settings_.transport.compression),
      series_(datadog_form()),
      clock_(clock),
      log_(std::move(log)) {}

void DatadogSink::say_once(std::size_t what, std::string text) {
  if (log_ && settings_.said.first(what)) log_(LogLevel::warning, std::move(text));
}

RequestSeries::Append DatadogSink::append_log() {
  return [this](const Record& record, std::string& body) -> std::optional<std::string> {
    const std::size_t before = body.size();
    writer_.append(record, body);
    if (body.size() - before > kMaxLogBytes) {
      say_once(kLong,
               "a record is above the 1 MB that Datadog takes of a log: it is sent, and cut there; "
               "size_guard.max_bytes cuts it here");
    }
    if (record.time < clock_.wall() - kOldest) {
      say_once(kOld,
               "a record is older than 18 hours: it is sent, and Datadog does not keep its time");
    }
    return std::nullopt;
  };
}

Verdict DatadogSink::send(std::span<const Record> records, const SendContext& context) {
  return series_.send(records, append_log(), [&](std::string_view body, std::size_t) {
    const Result<HttpResponse> response =
        http_.send(body, {{"Content-Type", "application/json"}}, context.stop);
    if (!response) return classify_no_answer(response.error());
    Verdict verdict = classify_datadog_answer(response.value());
    verdict.bytes_sent = http_.bytes();
    return verdict;
  });
}

std::string DatadogSink::payload(std::span<const Record> records) {
  return series_.text(records, append_log());
}

Result<std::string> DatadogSink::probe(const std::stop_token& stop) {
  HttpRequest request;
  request.url = http_.url();
  request.body = "[]";
  request.headers = {{"Content-Type", "application/json"}};
  const Result<HttpResponse> response = http_.client().perform(request, stop);
  if (!response) return response.error();
  const Verdict verdict = classify_datadog_answer(response.value());
  if (response.value().content_type.starts_with("text/html")) {
    return is_something_else(request, response.value(), "Datadog's log intake");
  }
  // It may find fault with an array without logs, once it has taken the key.
  if (verdict.kind == Kind::ok || response.value().status == 400) {
    return "takes the API key: a request without logs is answered with HTTP " +
           std::to_string(response.value().status);
  }
  return Error{verdict.kind == Kind::retry ? ErrorKind::transient : ErrorKind::permanent,
               "POST " + request.url + ": " + verdict.reason};
}

}  // namespace ship
