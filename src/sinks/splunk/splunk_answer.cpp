#include "sinks/splunk/splunk_answer.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

/// `names_event`: where the answer tells which event, that one is refused and the others go again.
struct CodeRow {
  int code;
  Kind kind;
  bool names_event = false;
  std::string_view advice = {};
};

constexpr std::string_view kAcknowledgement =
    "switch indexer acknowledgement off for this token: it is not used here";

constexpr CodeRow kCodes[] = {
    {0, Kind::ok},                                               // success
    {1, Kind::hold, false, "the token is disabled: enable it"},  //
    {2, Kind::hold, false, "check token"},                       // token is required
    {3, Kind::hold, false, "check token"},                       // invalid authorization
    {4, Kind::hold, false, "check token"},                       // invalid token
    {5, Kind::hold, false, "the request's body got lost on the way: check the proxy"},  // no data
    {6, Kind::split, true},  // invalid data format
    {7, Kind::hold, true, "check index, and which ones the token may write"},  // incorrect index
    {8, Kind::retry},                                                          // internal error
    {9, Kind::retry},                                                          // server is busy
    {10, Kind::hold, false, kAcknowledgement},                    // data channel is missing
    {11, Kind::hold, false, kAcknowledgement},                    // invalid data channel
    {12, Kind::split, true},                                      // event field is required
    {13, Kind::split, true},                                      // event field cannot be blank
    {14, Kind::hold, false, kAcknowledgement},                    // acknowledgement is disabled
    {15, Kind::split, true},                                      // handling indexed fields
    {16, Kind::hold, false, "check token"},                       // query string authorization
    {18, Kind::retry},                                            // unhealthy: queues are full
    {19, Kind::retry},                                            // unhealthy: ack is unavailable
    {20, Kind::retry},                                            // unhealthy: both
    {21, Kind::hold, false, "check token"},                       // invalid token
    {22, Kind::hold, false, "the token is disabled: enable it"},  //
    {23, Kind::retry},                                            // server is shutting down
};

/// For answers without a code that is known: of a proxy, or of a collector to come.
constexpr AnswerRow kStatuses[] = {
    {200, 399, "", Kind::hold},  {400, 400, "", Kind::split}, {408, 408, "", Kind::retry},
    {413, 413, "", Kind::split}, {429, 429, "", Kind::retry}, {400, 499, "", Kind::hold},
    {500, 599, "", Kind::retry},
};

std::optional<int> number_of(const Field& field) {
  int value = 0;
  if (field.kind != JsonKind::number) return std::nullopt;
  const char* const end = field.text.data() + field.text.size();
  const auto [stop, error] = std::from_chars(field.text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

SplunkAnswer classify_splunk_answer(const HttpResponse& response, std::size_t events,
                                    bool index_from_data) {
  SplunkAnswer answer;
  Verdict& verdict = answer.verdict;
  verdict = classify_answer(kStatuses, response);
  FieldFinder finder({"code", "text", "invalid-event-number"});
  const std::span<const Field> fields = finder.find(response.body);
  const std::optional<int> code = number_of(fields[0]);
  if (!code) {
    if (response.status / 100 == 2) {
      verdict.reason = "HTTP " + std::to_string(response.status) +
                       ": the answer holds no code: is this Splunk's HTTP Event Collector?";
    }
    return answer;
  }
  answer.code = *code;
  const auto row = std::find_if(std::begin(kCodes), std::end(kCodes),
                                [&](const CodeRow& known) { return known.code == *code; });
  const bool good_status = response.status / 100 == 2;
  const bool is_known = row != std::end(kCodes);
  // A code to come with a good status is a notice about what was taken, as 24 and 25 are (queues
  // that fill up).
  if (is_known ? row->kind == Kind::ok : good_status) {
    // A proxy may give the body of another answer; only both together say that all is stored.
    if (!good_status) return answer;
    verdict = Verdict::of(Kind::ok, response.status, {});
    return answer;
  }
  if (!is_known) return answer;
  verdict.kind = row->kind;
  verdict.reason = "HTTP " + std::to_string(response.status) + ": " +
                   one_line(fields[1].text, 300) + " (code " + std::to_string(*code) +
                   (row->advice.empty() ? "" : "; " + std::string(row->advice)) + ")";
  if (row->kind == Kind::retry || row->kind == Kind::hold) {
    verdict.retry_after = response.retry_after;
  }
  const std::optional<int> number = number_of(fields[2]);
  const bool names_one = number && *number >= 0 && static_cast<std::size_t>(*number) < events;
  if (*code == 7) {
    if (!index_from_data) return answer;
    verdict.kind = Kind::split;
    verdict.retry_after.reset();
  }
  if (!row->names_event || !names_one) return answer;
  answer.culprit = static_cast<std::uint32_t>(*number);
  verdict.kind = Kind::partial;
  for (std::uint32_t i = 0; i < events; ++i) {
    const bool refused = i == *answer.culprit;
    verdict.items.push_back({i, !refused, response.status, verdict.reason});
  }
  return answer;
}

}  // namespace ship
