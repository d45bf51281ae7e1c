#include "sinks/cloudwatch/cloudwatch_answer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using Cause = CloudwatchAnswer::Cause;

/// Names without the final "Exception", which some AWS front ends leave out.
struct TypeRow {
  std::string_view type;
  Kind kind;
  Cause cause = Cause::none;
};

constexpr TypeRow kTypes[] = {
    {"DataAlreadyAccepted", Kind::ok},
    {"ResourceAlreadyExists", Kind::ok, Cause::exists},
    {"Throttling", Kind::retry},
    {"Throttled", Kind::retry},
    {"TooManyRequests", Kind::retry},
    {"RequestLimitExceeded", Kind::retry},
    {"ServiceUnavailable", Kind::retry},
    {"InternalFailure", Kind::retry},
    {"InternalServerError", Kind::retry},
    {"InternalServer", Kind::retry},
    {"OperationAborted", Kind::retry},
    {"InvalidSequenceToken", Kind::retry},
    {"RequestTimeout", Kind::retry},
    {"ResourceNotFound", Kind::hold, Cause::missing},
    {"InvalidParameter", Kind::split},
    {"Validation", Kind::split},
    {"Serialization", Kind::split},
    {"UnrecognizedClient", Kind::hold, Cause::credentials},
    {"ExpiredToken", Kind::hold, Cause::credentials},
    {"InvalidClientTokenId", Kind::hold, Cause::credentials},
    {"InvalidSignature", Kind::hold, Cause::credentials},
    {"SignatureDoesNotMatch", Kind::hold, Cause::credentials},
    {"IncompleteSignature", Kind::hold, Cause::credentials},
    {"MissingAuthenticationToken", Kind::hold, Cause::credentials},
    {"RequestExpired", Kind::hold, Cause::credentials},
    {"RequestTimeTooSkewed", Kind::hold, Cause::credentials},
    {"AccessDenied", Kind::hold},
    {"LimitExceeded", Kind::hold},
};

/// For answers without a known type: from a proxy, or from a future service.
constexpr AnswerRow kUnknownTypes[] = {
    {200, 299, "", Kind::ok},    {408, 408, "", Kind::retry}, {413, 413, "", Kind::split},
    {429, 429, "", Kind::retry}, {300, 499, "", Kind::hold},  {500, 599, "", Kind::retry},
};

std::string bare_type(std::string_view type) {
  if (const std::size_t hash = type.rfind('#'); hash != std::string_view::npos) {
    type.remove_prefix(hash + 1);
  }
  type = type.substr(0, type.find(':'));
  constexpr std::string_view kSuffix = "Exception";
  if (type.ends_with(kSuffix)) type.remove_suffix(kSuffix.size());
  return std::string(type);
}

std::optional<std::size_t> number(const Field& field) {
  std::size_t value = 0;
  if (field.kind != JsonKind::number) return std::nullopt;
  const auto [end, error] =
      std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

CloudwatchAnswer classify_cloudwatch_answer(const HttpResponse& response) {
  CloudwatchAnswer answer;
  answer.verdict = classify_answer(kUnknownTypes, response);
  if (response.status / 100 == 2) return answer;
  FieldFinder finder({"__type", "message", "Message"});
  const std::span<const Field> fields = finder.find(response.body);
  if (fields[0].kind != JsonKind::string) return answer;
  const std::string type = bare_type(fields[0].text);
  for (const TypeRow& row : kTypes) {
    if (type != row.type) continue;
    answer.cause = row.cause;
    answer.verdict.kind = row.kind;
  }
  const Field& text = fields[1].kind == JsonKind::string ? fields[1] : fields[2];
  answer.verdict.reason = "HTTP " + std::to_string(response.status) + ": " + one_line(type, 100);
  if (answer.cause == Cause::credentials) {
    answer.verdict.reason += " (check the credentials and this machine's clock)";
  }
  if (text.kind == JsonKind::string) {
    answer.verdict.reason += ": " + one_line(text.text, 300);
  }
  if (answer.verdict.kind == Kind::ok) answer.verdict.reason.clear();
  if (answer.verdict.kind == Kind::retry || answer.verdict.kind == Kind::hold) {
    answer.verdict.retry_after = response.retry_after;
  }
  return answer;
}

CloudwatchAnswer classify_put_log_events(const HttpResponse& response,
                                         std::span<const std::uint32_t> records) {
  CloudwatchAnswer answer = classify_cloudwatch_answer(response);
  if (response.status / 100 != 2) return answer;
  FieldFinder finder({"rejectedLogEventsInfo.expiredLogEventEndIndex",
                      "rejectedLogEventsInfo.tooOldLogEventEndIndex",
                      "rejectedLogEventsInfo.tooNewLogEventStartIndex"});
  const std::span<const Field> fields = finder.find(response.body);
  Verdict& verdict = answer.verdict;
  std::vector<const char*> reasons(records.size(), nullptr);
  const auto refuse = [&](std::size_t from, std::size_t to, const char* reason) {
    for (std::size_t i = from; i < std::min(to, reasons.size()); ++i) reasons[i] = reason;
  };
  if (const auto start = number(fields[2])) {
    refuse(*start, reasons.size(), "more than 2 hours in the future");
  }
  if (const auto end = number(fields[1])) {
    refuse(0, *end, "older than 14 days or the log group's retention");
  }
  if (const auto end = number(fields[0])) refuse(0, *end, "older than the log group's retention");
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i] != nullptr)
      verdict.items.push_back({records[i], false, verdict.status, reasons[i]});
  }
  if (verdict.items.empty()) return answer;
  std::sort(verdict.items.begin(), verdict.items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  verdict.kind = Kind::partial;
  verdict.reason = verdict.items.front().reason;
  return answer;
}

}  // namespace ship
