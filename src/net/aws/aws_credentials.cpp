#include "net/aws/aws_credentials.hpp"

#include <cstdlib>

#include "net/aws/aws_profile.hpp"

namespace ship {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallNanos kRenewBefore = std::chrono::nanoseconds(minutes(5)).count();
/// A file may be replaced at any time, so it is read again after this long.
constexpr WallNanos kFileLease = std::chrono::nanoseconds(minutes(6)).count();
constexpr seconds kPauseBetweenTries{30};

}  // namespace

std::string environment_variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

AwsCredentialSource::AwsCredentialSource(AwsSettings settings, Variable variable,
                                         MakeHttpClient make_client, const Clock& clock)
    : settings_(std::move(settings)),
      variable_(std::move(variable)),
      make_client_(std::move(make_client)),
      clock_(clock) {}

std::optional<Result<AwsLease>> AwsCredentialSource::from_settings() const {
  if (settings_.access_key_id.empty()) return std::nullopt;
  AwsLease lease;
  lease.credentials.access_key_id = settings_.access_key_id;
  Result<std::string> secret = settings_.secret_access_key.reveal();
  if (!secret) return std::move(secret).error();
  lease.credentials.secret_access_key = std::move(secret).value();
  Result<std::string> token = settings_.session_token.reveal();
  if (!token) return std::move(token).error();
  lease.credentials.session_token = std::move(token).value();
  if (!settings_.secret_access_key.path().empty() || !settings_.session_token.path().empty()) {
    lease.ends = clock_.wall() + kFileLease;
  }
  return lease;
}

std::optional<AwsLease> AwsCredentialSource::from_environment() const {
  AwsLease lease;
  lease.credentials = {variable_("AWS_ACCESS_KEY_ID"), variable_("AWS_SECRET_ACCESS_KEY"),
                       variable_("AWS_SESSION_TOKEN")};
  if (lease.credentials.access_key_id.empty() || lease.credentials.secret_access_key.empty()) {
    return std::nullopt;
  }
  return lease;
}

std::optional<Result<AwsLease>> AwsCredentialSource::from_web_identity(
    const std::stop_token& stop) const {
  const std::string path = variable_("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (path.empty()) return std::nullopt;
  AwsWebIdentity identity;
  identity.role_arn = variable_("AWS_ROLE_ARN");
  identity.session_name = variable_("AWS_ROLE_SESSION_NAME");
  if (identity.session_name.empty()) identity.session_name = "fapilog-ship";
  if (identity.role_arn.empty()) {
    return Error{ErrorKind::config, "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"};
  }
  Result<std::string> token = Secret::from_file(path).reveal();
  if (!token) return std::move(token).error().in("AWS_WEB_IDENTITY_TOKEN_FILE");
  identity.token = std::move(token).value();
  std::string endpoint = variable_("AWS_ENDPOINT_URL_STS");
  if (endpoint.empty()) {
    endpoint = "https://sts." + settings_.region +
               (settings_.region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return fetch_web_identity_credentials(identity, endpoint, make_client_, stop);
}

std::optional<Result<AwsLease>> AwsCredentialSource::from_profile() const {
  const std::string named =
      settings_.profile.empty() ? variable_("AWS_PROFILE") : settings_.profile;
  const std::string profile = named.empty() ? "default" : named;
  const auto path_of = [&](const char* variable, const char* name) {
    const std::string path = variable_(variable);
    return path.empty() ? variable_("HOME") + "/.aws/" + name : path;
  };
  std::string looked_at;
  for (const std::string& path : {path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                                  path_of("AWS_CONFIG_FILE", "config")}) {
    looked_at += (looked_at.empty() ? "" : " and ") + path;
    const Result<std::string> text = Secret::from_file(path).reveal();
    if (!text) continue;
    if (std::optional<AwsCredentials> found = find_aws_profile(text.value(), profile)) {
      return AwsLease{*std::move(found), clock_.wall() + kFileLease};
    }
  }
  if (named.empty()) return std::nullopt;
  return Error{ErrorKind::config, "no keys of the AWS profile \"" + named + "\" in " + looked_at};
}

std::optional<Result<AwsLease>> AwsCredentialSource::from_container(
    const std::stop_token& stop) const {
  const std::string relative = variable_("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = variable_("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return std::nullopt;
  std::string authorization = variable_("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const std::string path = variable_("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !path.empty()) {
    Result<std::string> token = Secret::from_file(path).reveal();
    if (!token) return std::move(token).error();
    authorization = std::move(token).value();
  }
  const std::string url = relative.empty() ? full : "http://169.254.170.2" + relative;
  return fetch_container_credentials(url, authorization, make_client_, stop);
}

Result<AwsLease> AwsCredentialSource::find(const std::stop_token& stop) const {
  if (auto found = from_settings()) return *std::move(found);
  if (settings_.profile.empty()) {
    if (auto found = from_environment()) return *std::move(found);
    if (auto found = from_web_identity(stop)) return *std::move(found);
  }
  if (auto found = from_profile()) return *std::move(found);
  if (auto found = from_container(stop)) return *std::move(found);
  std::string reason = "AWS_EC2_METADATA_DISABLED is set";
  if (variable_("AWS_EC2_METADATA_DISABLED") != "true") {
    std::string endpoint = variable_("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (endpoint.empty()) endpoint = "http://169.254.169.254";
    while (endpoint.ends_with('/')) endpoint.pop_back();
    Result<AwsLease> found = fetch_instance_credentials(endpoint, make_client_, stop);
    if (found || found.error().kind == ErrorKind::transient) return found;
    reason = found.error().message;
  }
  return Error{ErrorKind::config,
               "no AWS credentials: the sink has no access_key_id, the environment no "
               "AWS_ACCESS_KEY_ID and no AWS_WEB_IDENTITY_TOKEN_FILE, the shared files no profile, "
               "and there is no role (" +
                   reason + ")"};
}

Result<AwsCredentials> AwsCredentialSource::get(const std::stop_token& stop) {
  const WallNanos now = clock_.wall();
  const bool good = lease_ && (lease_->ends == 0 || now < lease_->ends);
  const bool fresh = good && (lease_->ends == 0 || now < lease_->ends - kRenewBefore);
  if (fresh || (good && clock_.steady() < next_try_)) return lease_->credentials;
  Result<AwsLease> found = find(stop);
  next_try_ = clock_.steady() + kPauseBetweenTries;
  if (found) {
    lease_ = std::move(found).value();
  } else if (!good) {
    return std::move(found).error();
  }
  return lease_->credentials;
}

void AwsCredentialSource::forget() { lease_.reset(); }

}  // namespace ship
