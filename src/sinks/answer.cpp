#include "sinks/answer.hpp"

#include <algorithm>

#include "record/json_text.hpp"

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
    {413, 413, "", Kind::split},  // too large
    {415, 415, "", Kind::split},  // unsupported media type
    {422, 422, "", Kind::split},  // unprocessable
    {425, 425, "", Kind::retry},  // too early
    {429, 429, "", Kind::retry},  // too many requests
    {400, 499, "", Kind::hold},   // all others speak of the set-up, not of the records
    {500, 599, "", Kind::retry},  // the server's own trouble
};

/// What nginx says with status 400 before it has looked at a request: of the set-up, whatever the
/// protocol behind it.
struct ProxyText {
  std::string_view text;
  std::string_view advice;
};

constexpr ProxyText kProxyTexts[] = {
    {"No required SSL certificate was sent", "set cert_file and key_file"},
    {"The SSL certificate error", "check cert_file"},
    {"The plain HTTP request was sent to HTTPS port", "the URL must begin with https"},
};

constexpr std::size_t kMaxReasonBytes = 300;

struct StatusText {
  int status;
  std::string_view name;
  std::string_view advice;
};

constexpr std::string_view kRedirect =
    "redirects are not followed; put the final address in the URL";

constexpr StatusText kStatusTexts[] = {
    {301, "Moved Permanently", kRedirect},
    {302, "Found", kRedirect},
    {303, "See Other", kRedirect},
    {307, "Temporary Redirect", kRedirect},
    {308, "Permanent Redirect", kRedirect},
    {400, "Bad Request", ""},
    {401, "Unauthorized", "check the credentials"},
    {403, "Forbidden", "these credentials may not write here"},
    {404, "Not Found", "check the path of the URL"},
    {405, "Method Not Allowed", "check the path of the URL and the method"},
    {408, "Request Timeout", ""},
    {413, "Content Too Large", ""},
    {415, "Unsupported Media Type", ""},
    {422, "Unprocessable Content", ""},
    {425, "Too Early", ""},
    {429, "Too Many Requests", ""},
    {500, "Internal Server Error", ""},
    {502, "Bad Gateway", ""},
    {503, "Service Unavailable", ""},
    {504, "Gateway Timeout", ""},
    {507, "Insufficient Storage", ""},
};

}  // namespace

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string line;
  bool blank = false;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead <= 0x20 || lead == 0x7F) {
      blank = !line.empty();
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_sequence(text);
    const std::size_t size = length == 0 ? 1 : length;
    if (line.size() + (blank ? 1 : 0) + size > max_bytes) break;
    if (blank) line.push_back(' ');
    blank = false;
    if (length == 0) {
      line.push_back('?');
    } else {
      line.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return line;
}

std::string describe_answer(int status, std::string_view body) {
  std::string reason = "HTTP " + std::to_string(status);
  for (const StatusText& text : kStatusTexts) {
    if (text.status != status) continue;
    reason.append(" ").append(text.name);
    if (!text.advice.empty()) reason.append(" (").append(text.advice).append(")");
  }
  const std::string said = one_line(body.substr(0, 4 * kMaxReasonBytes), kMaxReasonBytes);
  if (!said.empty() && said.front() != '<') reason.append(": ").append(said);
  return reason;
}

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
