#include "net/google/google_token.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/percent.hpp"
#include "base/secret.hpp"
#include "net/answer_text.hpp"
#include "net/google/google_key.hpp"
#include "record/field.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallNanos kSecond = 1'000'000'000;
constexpr WallNanos kRenewBefore = std::chrono::nanoseconds(minutes(5)).count();
constexpr seconds kPauseBetweenTries{30};
constexpr milliseconds kTokenTimeout{5000};
constexpr milliseconds kMetadataTimeout{2000};

/// A plain http endpoint may see the key's signature only on this machine.
bool keeps_secrets(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://127.0.0.1") ||
         url.starts_with("http://localhost") || url.starts_with("http://[::1]");
}

}  // namespace

GoogleTokenSource::GoogleTokenSource(GoogleSettings settings, HttpTransport way, Variable variable,
                                     MakeClient make_client, const Clock& clock)
    : settings_(std::move(settings)),
      way_(std::move(way)),
      variable_(std::move(variable)),
      make_client_(std::move(make_client)),
      clock_(clock) {}

Result<GoogleTokenSource::Lease> GoogleTokenSource::read_lease(const HttpResponse& response,
                                                               const std::string& url) const {
  const int status = response.status;
  if (status != 200) {
    // {"error":"invalid_grant","error_description":"Invalid JWT Signature."}
    FieldFinder finder({"error", "error_description"});
    const std::span<const Field> fields = finder.find(response.body);
    std::string told;
    for (const Field& field : fields) {
      if (field.kind != JsonKind::string) continue;
      told += (told.empty() ? "" : ": ") + one_line(field.text, 200);
    }
    return Error{status == 429 || status >= 500 ? ErrorKind::transient : ErrorKind::config,
                 url + ": " + describe_answer(status, told)};
  }
  FieldFinder finder({"access_token", "expires_in"});
  const std::span<const Field> fields = finder.find(response.body);
  std::int64_t lasts = 0;
  const std::string_view text = fields[1].text;
  std::from_chars(text.data(), text.data() + text.size(), lasts);
  if (fields[0].kind != JsonKind::string || fields[0].text.empty() || lasts <= 0) {
    return Error{ErrorKind::config, url + ": the answer holds no token"};
  }
  return Lease{std::string(fields[0].text),
               clock_.wall() + std::min<std::int64_t>(lasts, 86400) * kSecond};
}

Result<GoogleTokenSource::Lease> GoogleTokenSource::from_key(const std::string& path,
                                                             const std::stop_token& stop) const {
  const Result<std::string> json = Secret::from_file(path).reveal();
  if (!json) return json.error();
  const Result<GoogleKey> key = read_google_key(json.value());
  if (!key) return Error(key.error()).in(path);
  const std::string& url = key.value().token_uri;
  if (!keeps_secrets(url)) {
    return Error{ErrorKind::config, path + ": its token_uri is without TLS; use https"};
  }
  const Result<std::string> jwt = signed_google_jwt(key.value(), settings_.scope, clock_.wall());
  if (!jwt) return Error(jwt.error()).in(path);
  HttpTransport transport;
  transport.url = url;
  transport.proxy = way_.proxy;
  transport.ca_file = way_.ca_file;
  transport.tls_verify = way_.tls_verify;
  transport.request_timeout = kTokenTimeout;
  const Result<std::unique_ptr<HttpClient>> client = make_client_(transport);
  if (!client) return client.error();
  const std::string form =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + jwt.value();
  HttpRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = form;
  const Result<HttpResponse> response = client.value()->perform(request, stop);
  if (!response) return response.error();
  return read_lease(response.value(), url);
}

Result<GoogleTokenSource::Lease> GoogleTokenSource::from_metadata(
    const std::stop_token& stop) const {
  std::string host = variable_("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  HttpTransport transport;
  transport.url = "http://" + host;
  transport.proxy = "none";
  transport.request_timeout = kMetadataTimeout;
  const Result<std::unique_ptr<HttpClient>> client = make_client_(transport);
  if (!client) return client.error();
  HttpRequest request;
  request.method = "GET";
  request.url = transport.url +
                "/computeMetadata/v1/instance/service-accounts/default/token?scopes=" +
                percent_encoded(settings_.scope);
  request.headers = {{"Metadata-Flavor", "Google"}};
  Result<HttpResponse> response = client.value()->perform(request, stop);
  if (!response) {
    Error error = std::move(response).error();
    // Off Google Cloud nobody is there: that is a matter of the set-up.
    if (!stop.stop_requested()) error.kind = ErrorKind::config;
    return error;
  }
  return read_lease(response.value(), transport.url);
}

Result<GoogleTokenSource::Lease> GoogleTokenSource::find(const std::stop_token& stop) const {
  if (!settings_.credentials_file.empty()) {
    Result<Lease> found = from_key(settings_.credentials_file, stop);
    return found ? found : std::move(found).error().in("credentials_file");
  }
  if (const std::string path = variable_("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty()) {
    Result<Lease> found = from_key(path, stop);
    return found ? found : std::move(found).error().in("GOOGLE_APPLICATION_CREDENTIALS");
  }
  Result<Lease> found = from_metadata(stop);
  if (found || found.error().kind == ErrorKind::transient) return found;
  return Error{ErrorKind::config,
               "no Google credentials: the sink has no credentials_file, the environment no "
               "GOOGLE_APPLICATION_CREDENTIALS, and the metadata server gave no token (" +
                   found.error().message + ")"};
}

Result<std::string> GoogleTokenSource::get(const std::stop_token& stop) {
  const WallNanos now = clock_.wall();
  const bool good = lease_ && now < lease_->ends;
  const bool fresh = good && now < lease_->ends - kRenewBefore;
  if (fresh || (good && clock_.steady() < next_try_)) return lease_->token;
  Result<Lease> found = find(stop);
  next_try_ = clock_.steady() + kPauseBetweenTries;
  if (found) {
    lease_ = std::move(found).value();
  } else if (!good) {
    return std::move(found).error();
  }
  return lease_->token;
}

bool GoogleTokenSource::renew(const std::stop_token& stop) {
  const std::string before = lease_ ? lease_->token : "";
  lease_.reset();
  const Result<std::string> after = get(stop);
  return after && after.value() != before;
}

}  // namespace ship
