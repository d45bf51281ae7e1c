#include "sinks/splunk/splunk_sink.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "rows/value.hpp"
#include "sinks/http_probe.hpp"
#include "sinks/splunk/splunk_answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

/// What Splunk Cloud takes in a request.
constexpr std::size_t kMaxRequestBytes = 1'000'000;
/// How many events of one request may be refused before the others wait for the next attempt.
constexpr int kMostCulprits = 100;
constexpr int kWrongIndex = 7;

std::string event_url(std::string url) {
  constexpr std::string_view kPath = "/services/collector";
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (url.find(kPath) == std::string::npos) url.append(kPath).append("/event");
  return url;
}

RequestForm splunk_form() {
  RequestForm form;
  form.separator = "\n";
  form.max_bytes = kMaxRequestBytes;
  form.max_entries = SIZE_MAX;
  return form;
}

/// Takes the line at `index` out of `body` and returns it; no event holds a newline.
std::string take_line(std::string& body, std::size_t index) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < index; ++i) begin = body.find('\n', begin) + 1;
  const std::size_t newline = body.find('\n', begin);
  std::string line = body.substr(begin, newline - begin);
  if (newline != std::string::npos) {
    body.erase(begin, newline + 1 - begin);
  } else {
    body.resize(begin == 0 ? 0 : begin - 1);
  }
  return line;
}

/// The answer does not say which index was wrong.
std::string named_index(std::string_view event) {
  FieldFinder finder({"index"});
  const Field field = finder.find(event)[0];
  return field.from_root ? ": the index is " + toml_string(one_line(field.text, 100)) : "";
}

}  // namespace

Result<std::unique_ptr<Sink>> SplunkSink::make(SplunkSinkSettings settings, const Labels& labels,
                                               const std::string& host,
                                               std::unique_ptr<HttpClient> client) {
  if (settings.transport.compression == Compression::zstd) {
    return Error{ErrorKind::config, "Splunk takes no zstd; use compression = \"gzip\" or \"none\""};
  }
  Result<SplunkEventWriter> writer = SplunkEventWriter::make(settings, labels, host);
  if (!writer) return std::move(writer).error();
  return std::unique_ptr<Sink>(
      new SplunkSink(std::move(settings), std::move(writer).value(), std::move(client)));
}

SplunkSink::SplunkSink(SplunkSinkSettings settings, SplunkEventWriter writer,
                       std::unique_ptr<HttpClient> client)
    : settings_(std::move(settings)),
      writer_(std::move(writer)),
      http_(std::move(client), event_url(settings_.transport.url), settings_.transport.compression),
      series_(splunk_form()) {}

RequestSeries::Append SplunkSink::append_event() {
  return [this](const Record& record, std::string& body) -> std::optional<std::string> {
    writer_.append(record, body);
    return std::nullopt;
  };
}

Verdict SplunkSink::send(std::span<const Record> records, const SendContext& context) {
  return series_.send(records, append_event(), [&](std::string_view body, std::size_t events) {
    return post(body, events, context.stop);
  });
}

Verdict SplunkSink::post(std::string_view body, std::size_t events, const std::stop_token& stop) {
  const auto ask_collector = [&](std::string_view text, std::size_t count) {
    const Result<HttpResponse> response =
        http_.send(text, {{"Content-Type", "application/json"}}, stop);
    SplunkAnswer answer;
    if (response) {
      answer = classify_splunk_answer(response.value(), count, writer_.index_from_data());
    } else {
      answer.verdict = classify_no_answer(response.error());
    }
    answer.verdict.bytes_sent = http_.bytes();
    return answer;
  };
  SplunkAnswer answer = ask_collector(body, events);
  if (!answer.culprit) return std::move(answer.verdict);

  // One at a time is all that the collector names: the rest goes again without the one.
  std::string rest(body);
  std::vector<std::uint32_t> left(events);
  std::iota(left.begin(), left.end(), 0);
  std::vector<Verdict::Item> refused;
  std::uint64_t bytes = 0;
  for (int i = 0; answer.culprit && i < kMostCulprits; ++i) {
    const std::uint32_t culprit = *answer.culprit;
    refused.push_back(
        {left[culprit], false, answer.verdict.status, std::move(answer.verdict.reason)});
    bytes += answer.verdict.bytes_sent;
    left.erase(left.begin() + culprit);
    const std::string event = take_line(rest, culprit);
    if (answer.code == kWrongIndex) refused.back().reason += named_index(event);
    answer = {};
    if (left.empty()) break;
    answer = ask_collector(rest, left.size());
  }
  Verdict verdict = std::move(answer.verdict);
  if (answer.culprit) {
    for (Verdict::Item& item : verdict.items) item.index = left[item.index];
  } else if (verdict.kind != Kind::ok) {
    for (const std::uint32_t index : left) {
      verdict.items.push_back({index, true, verdict.status, verdict.reason});
    }
  }
  if (verdict.reason.empty()) verdict.reason = refused.front().reason;
  if (verdict.status == 0) verdict.status = refused.front().status;
  verdict.items.insert(verdict.items.end(), refused.begin(), refused.end());
  std::sort(verdict.items.begin(), verdict.items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  verdict.kind = Kind::partial;
  verdict.bytes_sent += bytes;
  return verdict;
}

std::string SplunkSink::payload(std::span<const Record> records) {
  return series_.text(records, append_event());
}

Result<std::string> SplunkSink::probe(const std::stop_token& stop) {
  HttpRequest request;
  request.url = http_.url();
  request.headers = {{"Content-Type", "application/json"}};
  const Result<HttpResponse> response = ask(http_.client(), request, {400}, stop);
  if (!response) return response.error();
  constexpr int kNoData = 5;
  constexpr int kSuccess = 0;
  const SplunkAnswer answer = classify_splunk_answer(response.value(), 0, false);
  if (answer.code == kNoData || answer.code == kSuccess) {
    return std::string("takes the token") +
           (settings_.index.empty() ? "" : "; only an event can tell whether the index is right");
  }
  if (answer.code < 0) {
    return is_something_else(request, response.value(), "Splunk's HTTP Event Collector");
  }
  return Error{ErrorKind::permanent, request.url + ": " + answer.verdict.reason};
}

}  // namespace ship
