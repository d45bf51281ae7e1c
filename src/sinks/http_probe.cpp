#include "sinks/http_probe.hpp"

#include <algorithm>

#include "net/answer_text.hpp"

namespace ship {
namespace {

std::string question(const HttpRequest& request) {
  // What follows the question mark may be a secret.
  return std::string(request.method) + " " + request.url.substr(0, request.url.find('?'));
}

}  // namespace

Result<HttpResponse> ask(HttpClient& client, const HttpRequest& request,
                         std::initializer_list<int> also, const std::stop_token& stop) {
  Result<HttpResponse> response = client.perform(request, stop);
  if (!response) return response;
  const int status = response.value().status;
  if (status / 100 == 2 || std::find(also.begin(), also.end(), status) != also.end()) {
    return response;
  }
  const bool may_pass = status == 408 || status == 429 || status >= 500;
  return Error{may_pass ? ErrorKind::transient : ErrorKind::permanent,
               question(request) + ": " + describe_answer(status, response.value().body)};
}

Error is_something_else(const HttpRequest& request, const HttpResponse& response,
                        std::string_view product) {
  std::string text =
      question(request) + " was answered with HTTP " + std::to_string(response.status);
  const std::string type = one_line(response.content_type, 60);
  if (!type.empty()) text += " and " + type;
  return {ErrorKind::permanent, text + ": is this " + std::string(product) + "?"};
}

}  // namespace ship
