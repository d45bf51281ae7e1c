#include "sinks/answer.hpp"

#include <algorithm>

#include "net/answer_text.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

constexpr AnswerRow kHttpAnswers[] = {
    {200, 299, "", Kind::ok},     // stored
    {300, 399, "", Kind::hold},   // redirects are not followed
    {400, 400, "", Kind::split},  // bad request: one record may be the culprit
    {401, 401, "", Kind::hold},   // credentials
    {403, 403, "", Kind::hold},   // rights
    {404, 404, "", Kind::hold},   // address
    {408, 408, "", Kind::retry},  // request timeout
    {413, 413, "", Kind::split},  // payload too large
    {415, 415, "", Kind::split},  // unsupported media type
    {422, 422, "", Kind::split},  // unprocessable
    {425, 425, "", Kind::retry},  // too early
    {429, 429, "", Kind::retry},  // too many requests
    {400, 499, "", Kind::hold},   // all others are about the configuration, not the records
    {500, 599, "", Kind::retry},  // the server's own problem
};

/// What nginx sends with status 400 before it looks at a request: about the configuration, whatever
/// the protocol behind it.
struct ProxyText {
  std::string_view text;
  std::string_view advice;
};

constexpr ProxyText kProxyTexts[] = {
    {"No required SSL certificate was sent", "set cert_file and key_file"},
    {"The SSL certificate error", "check cert_file"},
    {"The plain HTTP request was sent to HTTPS port", "the URL must begin with https"},
};

}  // namespace

Verdict::Kind find_kind(std::span<const AnswerRow> table, int status, std::string_view body) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const AnswerRow& candidate) {
    return status >= candidate.first && status <= candidate.last &&
           body.find(candidate.text) != std::string_view::npos;
  });
  return row == table.end() ? Kind::retry : row->kind;
}

Verdict classify_answer(std::span<const AnswerRow> table, const HttpResponse& response) {
  Verdict verdict;
  verdict.kind = find_kind(table, response.status, response.body);
  verdict.status = response.status;
  if (verdict.kind == Kind::ok) return verdict;
  verdict.reason = describe_answer(response.status, response.body);
  if (response.status == 400) {
    for (const auto& [text, advice] : kProxyTexts) {
      if (response.body.find(text) == std::string::npos) continue;
      verdict.kind = Kind::hold;
      verdict.reason =
          "HTTP 400: the server says \"" + std::string(text) + "\" (" + std::string(advice) + ")";
    }
  }
  if (verdict.kind == Kind::retry || verdict.kind == Kind::hold) {
    verdict.retry_after = response.retry_after;
  }
  return verdict;
}

Verdict classify_http_answer(const HttpResponse& response) {
  return classify_answer(kHttpAnswers, response);
}

Verdict classify_no_answer(const Error& error) {
  return Verdict::of(error.kind == ErrorKind::transient ? Kind::retry : Kind::hold, 0,
                     error.message);
}

}  // namespace ship
