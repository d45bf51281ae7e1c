#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_transport.hpp"

namespace ship {

/// One request. The views live until `perform` returns.
struct HttpRequest {
  std::string_view method = "POST";
  std::string url;
  /// Sent as they are; the client adds Host, Content-Length and what the transport settings ask
  /// for.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  /// How much of the answer's body is kept; the rest is read and discarded.
  std::size_t kept_answer_bytes = 64 * 1024;
};

struct HttpResponse {
  int status = 0;
  /// Its beginning, see HttpRequest::kept_answer_bytes.
  std::string body;
  /// Retry-After, already turned from seconds or an HTTP date into a wait from now.
  std::optional<std::chrono::milliseconds> retry_after;
  std::string content_type;
};

/// The seam to the network. One client is one keep-alive connection and belongs to one thread.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Sends and waits. Follows no redirect. Returns within 100 ms when `stop` fires, whatever the
  /// peer, the resolver or the kernel does. Errors: transient for anything that happens before a
  /// status line is read (resolve, connect, TLS, reset, timeout, stop), and for a status below 300
  /// that came before the whole body was sent, because a truncated body is not stored; config for a
  /// secret or certificate file that cannot be read. The message names the host and what failed,
  /// never a secret.
  virtual Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) = 0;
};

/// A client over libcurl: TLS 1.2 or newer, HTTP/1.1 keep-alive, proxy, client certificates, basic
/// and bearer authentication from `transport`. Errors: config.
Result<std::unique_ptr<HttpClient>> make_curl_client(const HttpTransport& transport);

/// The same over the Unix socket at this path, whatever the URL's host.
Result<std::unique_ptr<HttpClient>> make_socket_client(const HttpTransport& transport,
                                                       const std::string& path);

}  // namespace ship
