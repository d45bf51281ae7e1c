#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/aws/aws_endpoint.hpp"
#include "net/aws/aws_settings.hpp"
#include "net/aws/aws_signature.hpp"

namespace ship {

/// Where the credentials come from, in the order of the AWS tools; the first source that has any
/// wins:
///   1. the sink's own keys
///   2. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
///   3. the role AWS_ROLE_ARN, by the token in AWS_WEB_IDENTITY_TOKEN_FILE (EKS)
///   4. a profile (the sink's `profile`, AWS_PROFILE, "default") of the shared credentials or
///      configuration file
///   5. the container's endpoint (ECS, EKS): AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
///   6. the instance's role: metadata service, version 2, unless AWS_EC2_METADATA_DISABLED is true
///
/// A profile that the sink names takes precedence over the environment. Belongs to one worker's
/// thread, which may wait a few seconds in `get`, but never after `stop` fires.
class AwsCredentialSource {
 public:
  /// The value of an environment variable; empty if it is not set.
  using Variable = std::function<std::string(const char* name)>;

  AwsCredentialSource(AwsSettings settings, Variable variable, MakeHttpClient make_client,
                      const Clock& clock);

  /// Credentials that are valid now. Starts to renew them 5 minutes before they expire; while that
  /// fails, the old ones are used as long as they are valid. Errors: config if there are none,
  /// transient if an endpoint may have some later.
  Result<AwsCredentials> get(const std::stop_token& stop);

  /// The server refused them: the next `get` looks again.
  void forget();

 private:
  Result<AwsLease> find(const std::stop_token& stop) const;
  std::optional<Result<AwsLease>> from_settings() const;
  std::optional<AwsLease> from_environment() const;
  std::optional<Result<AwsLease>> from_web_identity(const std::stop_token& stop) const;
  std::optional<Result<AwsLease>> from_profile() const;
  std::optional<Result<AwsLease>> from_container(const std::stop_token& stop) const;

  const AwsSettings settings_;
  const Variable variable_;
  const MakeHttpClient make_client_;
  const Clock& clock_;
  std::optional<AwsLease> lease_;
  SteadyTime next_try_{};
};

/// The value of the variable in this process's environment.
std::string environment_variable(const char* name);

}  // namespace ship
