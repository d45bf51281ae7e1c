#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "net/http_client.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Queries a run that was started with --listen. Used by one thread at a time.
class AdminClient {
 public:
  /// `url`: http://HOST:PORT, HOST:PORT or unix:PATH; empty: where `server` listens, else
  /// 127.0.0.1:9464. The token is that of `server`. Does not connect yet. Errors: config, if the
  /// address is not valid.
  static Result<AdminClient> make(const std::string& url, const ServerSettings& server);

  /// The body of a 200 answer. Errors: no answer within three seconds, another status; config, if a
  /// token is missing.
  Result<std::string> get(const std::string& path, const std::stop_token& stop = {});

  /// Hands on the body of an answer of 200 as it comes, however long that takes, until it ends or
  /// `take` says false. True: it came to its end. Errors: no answer; config, where a token is missing
  /// or the setting is against it; usage: what was asked for does not exist.
  Result<bool> follow(const std::string& path, std::function<bool(std::string_view)> take);

  /// The address as a person reads it.
  const std::string& shown() const { return shown_; }
  /// The equivalent command.
  std::string as_curl(const std::string& path) const;

 private:
  AdminClient() = default;
  /// An answer with another status.
  Error refused(const std::string& path, const HttpResponse& answer) const;

  std::string url_;     ///< without a trailing slash
  std::string socket_;  ///< the path of a Unix socket; empty: none
  std::string shown_;
  HttpTransport transport_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace ship
