#include "net/answer_text.hpp"

#include "base/utf8.hpp"
#include "base/visible_text.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

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
    const std::size_t length = utf8_sequence(text);
    const std::size_t size = length == 0 ? 1 : length;
    if (text.front() == ' ' || (length > 0 && acts_on_reader(code_point(text.substr(0, size))))) {
      blank = !line.empty();
      text.remove_prefix(size);
      continue;
    }
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

}  // namespace ship
