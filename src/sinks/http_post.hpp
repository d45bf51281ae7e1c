#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "sinks/answer.hpp"

namespace ship {

/// Posts bodies to one URL, compressed. Belongs to one thread.
class HttpPost {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  HttpPost(std::unique_ptr<HttpClient> client, std::string url, Compression compression)
      : client_(std::move(client)), url_(std::move(url)), compressor_(compression) {}

  /// Errors: those of HttpClient, and of the compressor.
  Result<HttpResponse> send(std::string_view body, Headers headers, const std::stop_token& stop) {
    bytes_ = 0;
    const Result<std::string_view> packed = compressor_.compress(body);
    if (!packed) return packed.error();
    HttpRequest request;
    request.url = url_;
    request.body = packed.value();
    request.headers = std::move(headers);
    if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
      request.headers.emplace_back("Content-Encoding", encoding);
    }
    bytes_ = request.body.size();
    return client_->perform(request, stop);
  }

  /// Of the last body, as it went over the wire.
  std::uint64_t bytes() const { return bytes_; }
  const std::string& url() const { return url_; }
  HttpClient& client() { return *client_; }

 private:
  std::unique_ptr<HttpClient> client_;
  const std::string url_;
  Compressor compressor_;
  std::uint64_t bytes_ = 0;
};

}  // namespace ship
