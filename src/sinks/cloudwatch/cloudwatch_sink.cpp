#include "sinks/cloudwatch/cloudwatch_sink.hpp"

#include <algorithm>
#include <optional>

#include "base/utf8.hpp"
#include "record/json_text.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using Cause = CloudwatchAnswer::Cause;

/// What the service accepts: 1 to 512 characters, no colon, no asterisk.
void make_stream_name(std::string& name) {
  constexpr std::size_t kMaxBytes = 512;
  name.resize(utf8_prefix(name, kMaxBytes).size());
  for (char& c : name) {
    if (c == ':' || c == '*' || static_cast<unsigned char>(c) < 0x20) c = '-';
  }
  if (name.empty()) name = "unknown";
}

bool is_own(std::string_view field) { return field == "host" || field == "pid"; }

std::vector<std::string> record_fields(const NamePattern& stream) {
  std::vector<std::string> fields;
  for (const std::string& field : stream.fields()) {
    if (!is_own(field)) fields.push_back(field);
  }
  return fields;
}

void add_member(std::string& body, std::string_view key, std::string_view value) {
  body += body.empty() ? "{" : ",";
  append_json_string(body, key);
  body += ':';
  append_json_string(body, value);
}

bool is_stored(const Verdict& verdict) {
  return verdict.kind == Kind::ok || verdict.kind == Kind::partial;
}

}  // namespace

Result<std::unique_ptr<Sink>> CloudwatchSink::make(CloudwatchSinkSettings settings,
                                                   std::unique_ptr<HttpClient> client,
                                                   std::unique_ptr<AwsSigner> signer,
                                                   Identity identity) {
  Result<NamePattern> stream = NamePattern::parse(settings.stream);
  if (!stream) return std::move(stream).error().in("stream");
  return std::unique_ptr<Sink>(new CloudwatchSink(std::move(settings), std::move(stream).value(),
                                                  std::move(client), std::move(signer),
                                                  std::move(identity)));
}

CloudwatchSink::CloudwatchSink(CloudwatchSinkSettings settings, NamePattern stream,
                               std::unique_ptr<HttpClient> client,
                               std::unique_ptr<AwsSigner> signer, Identity identity)
    : settings_(std::move(settings)),
      stream_(std::move(stream)),
      client_(std::move(client)),
      signer_(std::move(signer)),
      identity_(std::move(identity)),
      finder_(record_fields(stream_)) {}

void CloudwatchSink::name_streams(std::span<const Record> records) {
  std::vector<Field> fields(stream_.fields().size());
  streams_.resize(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::span<const Field> found;
    if (!finder_.paths().empty()) found = finder_.find(records[i].line);
    for (std::size_t k = 0; k < fields.size(); ++k) {
      const std::string& name = stream_.fields()[k];
      if (is_own(name)) {
        fields[k].kind = JsonKind::string;
        fields[k].text = name == "host" ? identity_.host : identity_.pid;
      } else {
        fields[k] = found.front();
        found = found.subspan(1);
      }
    }
    stream_.render(records[i].time, fields, streams_[i]);
    make_stream_name(streams_[i]);
  }
}

Result<HttpResponse> CloudwatchSink::call(std::string_view action, std::string_view body,
                                          const SendContext& context) {
  HttpRequest request;
  request.url = settings_.transport.url;
  request.body = body;
  request.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", "Logs_20140328." + std::string(action)}};
  if (Result<void> is_signed = signer_->sign(request, context.stop); !is_signed) {
    return std::move(is_signed).error();
  }
  return client_->perform(request, context.stop);
}

CloudwatchAnswer CloudwatchSink::act(std::string_view action, std::string_view body,
                                     const SendContext& context) {
  const Result<HttpResponse> response = call(action, body, context);
  if (!response) return {Cause::none, classify_no_answer(response.error())};
  CloudwatchAnswer answer = classify_cloudwatch_answer(response.value());
  if (!answer.verdict.reason.empty()) {
    answer.verdict.reason = std::string(action) + ": " + answer.verdict.reason;
  }
  // Whatever is wrong with these requests, it is not a record.
  if (answer.verdict.kind == Kind::split) answer.verdict.kind = Kind::hold;
  return answer;
}

Verdict CloudwatchSink::make_group(const SendContext& context) {
  std::string body;
  add_member(body, "logGroupName", settings_.group);
  CloudwatchAnswer made = act("CreateLogGroup", body + "}", context);
  if (made.verdict.kind != Kind::ok || made.cause == Cause::exists ||
      settings_.retention_days == 0) {
    return made.verdict;
  }
  body += ",\"retentionInDays\":" + std::to_string(settings_.retention_days) + "}";
  return act("PutRetentionPolicy", body, context).verdict;
}

Verdict CloudwatchSink::make_stream(const std::string& stream, const SendContext& context) {
  std::string body;
  add_member(body, "logGroupName", settings_.group);
  add_member(body, "logStreamName", stream);
  body += "}";
  CloudwatchAnswer made = act("CreateLogStream", body, context);
  if (made.cause != Cause::missing || !settings_.create_group) return made.verdict;
  const Verdict group = make_group(context);
  if (group.kind != Kind::ok) return group;
  return act("CreateLogStream", body, context).verdict;
}

void CloudwatchSink::encode(const CloudwatchRequest& request, std::span<const Record> records) {
  body_.clear();
  add_member(body_, "logGroupName", settings_.group);
  add_member(body_, "logStreamName", request.stream);
  body_ += ",\"logEvents\":[";
  for (const std::uint32_t index : request.records) {
    body_ +=
        "{\"timestamp\":" + std::to_string(cloudwatch_millis(records[index])) + ",\"message\":";
    append_json_string(body_, records[index].line);
    body_ += "},";
  }
  body_.back() = ']';
  body_ += '}';
}

std::string CloudwatchSink::payload(std::span<const Record> records) {
  name_streams(records);
  std::vector<std::uint32_t> unfit;
  std::string text;
  for (const CloudwatchRequest& request : deal_cloudwatch_batch(records, streams_, unfit)) {
    encode(request, records);
    text += body_ + "\n";
  }
  return text;
}

Verdict CloudwatchSink::put(const CloudwatchRequest& request, std::span<const Record> records,
                            const SendContext& context) {
  encode(request, records);
  bool made = false;
  bool renewed = false;
  while (true) {
    const Result<HttpResponse> response = call("PutLogEvents", body_, context);
    if (!response) return classify_no_answer(response.error());
    CloudwatchAnswer answer = classify_put_log_events(response.value(), request.records);
    answer.verdict.bytes_sent = body_.size();
    if (answer.cause == Cause::missing && settings_.create_stream && !made) {
      made = true;
      Verdict verdict = make_stream(request.stream, context);
      if (verdict.kind != Kind::ok) return verdict;
    } else if (answer.cause == Cause::credentials && !renewed) {
      renewed = true;
      if (!signer_->renew(context.stop)) return answer.verdict;
    } else {
      return answer.verdict;
    }
  }
}

Verdict CloudwatchSink::send(std::span<const Record> records, const SendContext& context) {
  name_streams(records);
  std::vector<std::uint32_t> unfit;
  const std::vector<CloudwatchRequest> requests = deal_cloudwatch_batch(records, streams_, unfit);
  Verdict whole;
  for (const std::uint32_t index : unfit) {
    whole.items.push_back({index, false, 0,
                           records[index].time < 0
                               ? "its time is before 1970, which CloudWatch does not take"
                               : "longer than the 1,048,550 bytes that CloudWatch takes"});
  }
  bool stored = false;
  std::optional<Verdict> failure;
  for (const CloudwatchRequest& request : requests) {
    Verdict verdict;
    if (failure) {
      verdict = *failure;
    } else {
      verdict = put(request, records, context);
      whole.bytes_sent += verdict.bytes_sent;
    }
    if (is_stored(verdict)) {
      stored = true;
      whole.status = verdict.status;
      std::move(verdict.items.begin(), verdict.items.end(), std::back_inserter(whole.items));
      continue;
    }
    // If a later request fails, the earlier ones must not be sent again: only these are.
    for (const std::uint32_t index : request.records) {
      whole.items.push_back({index, true, verdict.status, verdict.reason});
    }
    if (!failure) failure = std::move(verdict);
  }
  if (failure && !stored && unfit.empty()) return *std::move(failure);
  if (whole.items.empty()) return whole;
  std::sort(whole.items.begin(), whole.items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  whole.kind = requests.empty() ? Kind::reject : Kind::partial;
  whole.reason = failure ? failure->reason : whole.items.front().reason;
  if (failure) {
    whole.status = failure->status;
    whole.retry_after = failure->retry_after;
  }
  return whole;
}

Result<std::string> CloudwatchSink::probe(const std::stop_token& stop) {
  SendContext context;
  context.stop = stop;
  std::string body;
  add_member(body, "logGroupNamePrefix", settings_.group);
  body += ",\"limit\":1}";
  const Result<HttpResponse> response = call("DescribeLogGroups", body, context);
  if (!response) return response.error();
  const CloudwatchAnswer answer = classify_cloudwatch_answer(response.value());
  const std::string& reason = answer.verdict.reason;
  const std::string where = settings_.transport.url + ": ";
  if (answer.verdict.kind != Kind::ok) {
    if (reason.find("AccessDenied") != std::string::npos) {
      return "signed in; whether the log group is there cannot be told: " + reason;
    }
    return Error{answer.verdict.kind == Kind::retry ? ErrorKind::transient : ErrorKind::permanent,
                 where + reason};
  }
  FieldFinder finder({"logGroups"});
  const Field groups = finder.find(response.value().body)[0];
  if (groups.kind != JsonKind::array) {
    return Error{ErrorKind::permanent,
                 where + "the answer names no log groups: is this CloudWatch Logs?"};
  }
  FieldFinder names({"logGroupName", "retentionInDays"});
  std::optional<std::string> found;
  for_each_element(groups.raw, [&](std::string_view text) {
    const std::span<const Field> fields = names.find(text);
    if (fields[0].text != settings_.group) return;
    const std::string days(fields[1].text);
    found = "log group " + settings_.group + " is there" +
            (days.empty() ? "" : ", and keeps its events for " + days + " days");
  });
  if (found) return *found;
  if (!settings_.create_group) {
    return Error{ErrorKind::permanent, where + "there is no log group " + settings_.group +
                                           ": make it, or set create_group = true"};
  }
  return "signed in; log group " + settings_.group + " is made with the first record";
}

}  // namespace ship
