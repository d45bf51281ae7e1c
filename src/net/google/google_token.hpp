#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/google/google_settings.hpp"
#include "net/http_client.hpp"

namespace ship {

/// An access token for Google's APIs, from the first of these that there is:
///   1. the key of a service account in `credentials_file`
///   2. the one that GOOGLE_APPLICATION_CREDENTIALS names
///   3. the metadata server of Compute Engine, GKE and Cloud Run (GCE_METADATA_HOST names another)
/// The file is read again for each token. Belongs to one worker's thread, which may wait some
/// seconds in `get`; never longer than until `stop` fires.
/// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
class GoogleTokenSource {
 public:
  /// What the environment says of a variable; empty where it says nothing.
  using Variable = std::function<std::string(const char* name)>;
  using MakeClient = std::function<Result<std::unique_ptr<HttpClient>>(const HttpTransport&)>;

  /// `way` is how the sink reaches the network: proxy, certificates that are trusted.
  GoogleTokenSource(GoogleSettings settings, HttpTransport way, Variable variable,
                    MakeClient make_client, const Clock& clock);

  /// A token that is good now. It is fetched again from 5 minutes before its end on; while that
  /// fails and the old one is good, that is used on. Errors: config where there are no credentials
  /// or they are refused, transient where there may be a token later.
  Result<std::string> get(const std::stop_token& stop);

  /// The server refused it. True where another one was found, worth another request at once.
  bool renew(const std::stop_token& stop);

 private:
  struct Lease {
    std::string token;
    WallNanos ends = 0;
  };

  Result<Lease> find(const std::stop_token& stop) const;
  Result<Lease> from_key(const std::string& path, const std::stop_token& stop) const;
  Result<Lease> from_metadata(const std::stop_token& stop) const;
  Result<Lease> read_lease(const HttpResponse& response, const std::string& url) const;

  const GoogleSettings settings_;
  const HttpTransport way_;
  const Variable variable_;
  const MakeClient make_client_;
  const Clock& clock_;
  std::optional<Lease> lease_;
  SteadyTime next_try_{};
};

}  // namespace ship
