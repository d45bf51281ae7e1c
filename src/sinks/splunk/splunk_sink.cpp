#include "sinks/splunk/splunk_sink.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "rows/value.hpp"
#include "sinks/http_probe.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

/// What Splunk Cloud takes in a request.
constexpr std::size_t kMaxRequestBytes = 1'000'000;
/// How many events of one request may be refused before the others wait for the next attempt.
constexpr std::size_t kMostCulprits = 100;
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

/// Events of one request, from the first to before the last.
struct EventRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Where each line of `body` begins, and where the one behind the last would; no event holds a
/// newline.
std::vector<std::size_t> line_starts(std::string_view body) {
  std::vector<std::size_t> starts = {0};
  for (std::size_t at = body.find('\n'); at != std::string_view::npos;
       at = body.find('\n', at + 1)) {
    starts.push_back(at + 1);
  }
  starts.push_back(body.size() + 1);
  return starts;
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

SplunkAnswer SplunkSink::ask_collector(std::string_view body, std::size_t events,
                                       const std::stop_token& stop) {
  const Result<HttpResponse> response =
      http_.send(body, {{"Content-Type", "application/json"}}, stop);
  SplunkAnswer answer;
  if (response) {
    answer = classify_splunk_answer(response.value(), events, writer_.index_from_data());
  } else {
    answer.verdict = classify_no_answer(response.error());
  }
  answer.verdict.bytes_sent = http_.bytes();
  return answer;
}

Verdict SplunkSink::post(std::string_view body, std::size_t events, const std::stop_token& stop) {
  SplunkAnswer answer = ask_collector(body, events, stop);
  if (!answer.culprit) return std::move(answer.verdict);

  // One event is all that the collector names. Those before it may be indexed, those behind it are
  // not: each of the two goes again by itself, so that none goes more than twice.
  const std::vector<std::size_t> starts = line_starts(body);
  const auto lines = [&](EventRange range) {
    return body.substr(starts[range.begin], starts[range.end] - starts[range.begin] - 1);
  };
  std::vector<EventRange> todo;
  EventRange sent{0, static_cast<std::uint32_t>(events)};
  Verdict whole = Verdict::of(Kind::partial, answer.verdict.status, answer.verdict.reason);
  bool failed = false;
  const auto settle = [&] {
    whole.bytes_sent += answer.verdict.bytes_sent;
    if (answer.culprit) {
      const std::uint32_t culprit = sent.begin + *answer.culprit;
      std::string reason = answer.verdict.reason;
      if (answer.code == kWrongIndex) reason += named_index(lines({culprit, culprit + 1}));
      whole.items.push_back({culprit, false, answer.verdict.status, std::move(reason)});
      if (culprit + 1 < sent.end) todo.push_back({culprit + 1, sent.end});
      if (sent.begin < culprit) todo.push_back({sent.begin, culprit});
      failed = whole.items.size() == kMostCulprits;
    } else if (answer.verdict.kind != Kind::ok) {
      failed = true;
      todo.push_back(sent);
      whole.status = answer.verdict.status;
      whole.reason = answer.verdict.reason;
      whole.retry_after = answer.verdict.retry_after;
    }
  };
  settle();
  while (!failed && !todo.empty()) {
    sent = todo.back();
    todo.pop_back();
    answer = ask_collector(lines(sent), sent.end - sent.begin, stop);
    settle();
  }
  for (const EventRange& range : todo) {
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      whole.items.push_back({i, true, whole.status, whole.reason});
    }
  }
  std::sort(whole.items.begin(), whole.items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  return whole;
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
