#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.hpp"

namespace ship {

/// A client without a network: notes what it is asked to send and answers from a list; 204 once
/// that is used up.
class FakeHttpClient final : public HttpClient {
 public:
  /// A request with a copy of its body.
  struct Sent {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string header(std::string_view name) const {
      for (const auto& [key, value] : headers) {
        if (key == name) return value;
      }
      return {};
    }
  };

  /// What all clients of one test share with it; outlives them.
  struct Log {
    std::vector<Sent> sent;
    std::deque<Result<HttpResponse>> answers;

    void answer(int status, std::string body = {}) {
      HttpResponse response;
      response.status = status;
      response.body = std::move(body);
      answers.emplace_back(std::move(response));
    }
    void fail(ErrorKind kind, std::string message) {
      answers.emplace_back(Error{kind, std::move(message)});
    }
  };

  explicit FakeHttpClient(Log& log) : log_(log) {}

  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) override {
    if (stop.stop_requested()) return Error{ErrorKind::transient, "fake:80: stopped"};
    log_.sent.push_back(
        {std::string(request.method), request.url, request.headers, std::string(request.body)});
    if (log_.answers.empty()) {
      HttpResponse response;
      response.status = 204;
      return response;
    }
    Result<HttpResponse> answer = std::move(log_.answers.front());
    log_.answers.pop_front();
    return answer;
  }

 private:
  Log& log_;
};

}  // namespace ship
