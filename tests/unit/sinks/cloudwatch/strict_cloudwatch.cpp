#include "tests/unit/sinks/cloudwatch/strict_cloudwatch.hpp"

#include <simdjson.h>

namespace ship::testing {
namespace {

HttpResponse answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string text_of(const simdjson::dom::element& body, const char* key) {
  std::string_view text;
  return body[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

class StrictCloudwatch::Client final : public HttpClient {
 public:
  explicit Client(StrictCloudwatch& server) : server_(server) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token) override {
    return server_.perform(request);
  }

 private:
  StrictCloudwatch& server_;
};

std::unique_ptr<HttpClient> StrictCloudwatch::client() { return std::make_unique<Client>(*this); }

HttpResponse StrictCloudwatch::error(int status, const std::string& type,
                                     const std::string& message) {
  return answer(status, R"({"__type":")" + type + R"(","message":")" + message + "\"}");
}

Result<HttpResponse> StrictCloudwatch::perform(const HttpRequest& request) {
  constexpr std::string_view kPrefix = "Logs_20140328.";
  const std::string target = header(request, "X-Amz-Target");
  const std::string action = target.substr(std::min(target.size(), kPrefix.size()));
  actions.push_back(action);
  if (!target.starts_with(kPrefix)) faults.push_back("X-Amz-Target: " + target);
  if (request.method != "POST") faults.push_back("the method");
  if (header(request, "Content-Type") != "application/x-amz-json-1.1") {
    faults.push_back("the Content-Type");
  }
  if (!header(request, "Authorization").starts_with("AWS4-HMAC-SHA256 Credential=")) {
    faults.push_back("no signature");
  }
  if (!scripted.empty()) {
    HttpResponse next = std::move(scripted.front());
    scripted.pop_front();
    return next;
  }
  simdjson::dom::parser parser;
  const simdjson::dom::element body = parser.parse(simdjson::padded_string(request.body));
  const std::string group = text_of(body, "logGroupName");
  const std::string stream = text_of(body, "logStreamName");
  if (action == "CreateLogGroup") {
    if (!groups.emplace(group, 0).second) return error(400, "ResourceAlreadyExistsException");
    return answer(200, "");
  }
  if (groups.count(group) == 0) {
    return error(400, "ResourceNotFoundException", "The specified log group does not exist.");
  }
  if (action == "PutRetentionPolicy") {
    groups[group] = static_cast<int>(std::int64_t(body["retentionInDays"]));
    return answer(200, "");
  }
  if (action == "CreateLogStream") {
    if (stream.find_first_of(":*") != std::string::npos) {
      return error(400, "InvalidParameterException");
    }
    if (!streams.emplace(group + "/" + stream, std::vector<Event>{}).second) {
      return error(400, "com.amazonaws.logs#ResourceAlreadyExistsException");
    }
    return answer(200, "");
  }
  if (action != "PutLogEvents") return error(400, "UnknownOperationException");
  if (streams.count(group + "/" + stream) == 0) {
    return error(400, "ResourceNotFoundException", "The specified log stream does not exist.");
  }
  return put(group, stream, request.body);
}

HttpResponse StrictCloudwatch::put(const std::string& group, const std::string& stream,
                                   std::string_view body) {
  simdjson::dom::parser parser;
  const simdjson::dom::element request = parser.parse(simdjson::padded_string(body));
  std::vector<Event> events;
  std::size_t bytes = 0;
  for (const simdjson::dom::element event : request["logEvents"]) {
    events.push_back(
        {std::int64_t(event["timestamp"]), std::string(std::string_view(event["message"]))});
    const Event& last = events.back();
    bytes += last.message.size() + 26;
    if (last.message.empty()) faults.push_back("an empty message");
    if (events.size() > 1 && last.millis < events[events.size() - 2].millis) {
      faults.push_back("events out of order");
    }
  }
  if (events.empty() || events.size() > 10'000) faults.push_back("the number of events");
  if (bytes > 1'048'576) faults.push_back("too many bytes");
  if (!events.empty() && events.back().millis - events.front().millis > 86'400'000) {
    faults.push_back("a span of more than a day");
  }
  if (!faults.empty()) return error(400, "InvalidParameterException", faults.back());

  std::size_t old_end = 0;
  while (old_end < events.size() && events[old_end].millis < oldest) ++old_end;
  std::size_t new_start = events.size();
  while (new_start > old_end && events[new_start - 1].millis > newest) --new_start;
  std::vector<Event>& kept = streams[group + "/" + stream];
  for (std::size_t i = old_end; i < new_start; ++i) kept.push_back(events[i]);
  std::string info;
  if (old_end > 0) info += "\"tooOldLogEventEndIndex\":" + std::to_string(old_end);
  if (new_start < events.size()) {
    info += std::string(info.empty() ? "" : ",") +
            "\"tooNewLogEventStartIndex\":" + std::to_string(new_start);
  }
  if (info.empty()) return answer(200, R"({"nextSequenceToken":"x"})");
  return answer(200, R"({"nextSequenceToken":"x","rejectedLogEventsInfo":{)" + info + "}}");
}

}  // namespace ship::testing
